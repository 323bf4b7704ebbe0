package validate

import (
	"strings"

	"github.com/ficushealth/ficus/fhir"
)

// concepts checks that a supplement says what it adds to, and that the properties of concepts have values of the type that
// the code system gives them (https://hl7.org/fhir/R4/codesystem-definitions.html#CodeSystem.property).
func (p *pass) concepts(it item) {
	if content := it.v.Get("content"); content.Str() == "supplement" && !it.v.Get("supplements").Exists() {
		p.tellStrictly("required", content, "a supplement names the code system to which it adds")
	}
	types := map[string]string{}
	for d := range p.each(it.v.Get("property")) {
		types[d.Get("code").Str()] = d.Get("type").Str()
	}
	p.conceptsBelow(it.v, types)
}

func (p *pass) conceptsBelow(v fhir.Value, types map[string]string) {
	i := 0
	for c := range p.each(v.Get("concept")) {
		p.push("concept")
		p.walk.index(i)
		for x := range p.each(c.Get("property")) {
			p.propertyOf(x, types[x.Get("code").Str()])
		}
		p.conceptsBelow(c, types)
		p.pop()
		i++
	}
}

func (p *pass) propertyOf(x fhir.Value, typ string) {
	name, v := valueOf(x)
	if typ != "" && v.Exists() && !strings.EqualFold(name, "value"+typ) {
		p.tellStrictly("value", v, "the property has another type in this code system")
	}
}
