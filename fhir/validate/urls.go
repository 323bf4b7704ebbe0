package validate

import (
	"strings"

	"github.com/ficushealth/ficus/fhir"
	"github.com/ficushealth/ficus/fhir/r4"
)

// identified checks what names something: systems, canonical urls, references and the ids of elements. FHIR asks for all of
// them in words, but in places that many overlook.
func (p *pass) identified(it item) {
	switch it.t.Name {
	case "canonical":
		p.canonical(it)
	case "uri", "url":
		p.uri(it)
	case "Identifier":
		if s := it.v.Get("system"); s.Kind() == fhir.String && !isAbsolute(s.Str()) {
			p.tellStrictly("invalid", s, "the system of an identifier must be an absolute url")
		}
	case "Coding":
		p.codeSystem(it)
	case "Reference":
		p.literal(it)
	}
	// definitions of elements have the same ids in the snapshot and in the differential
	if id := it.object().Get("id"); it.t.Kind != r4.Resource && it.t.Name != "ElementDefinition" && id.Kind() == fhir.String {
		p.elementID(id)
	}
}

func (p *pass) canonical(it item) {
	if s := it.v.Str(); s != "" && s[0] != '#' && !isAbsolute(s) {
		p.tellStrictly("invalid", it.at(), "a canonical url must be absolute, or # and the id of a contained resource")
	}
}

// uri checks the urns of OIDs and UUIDs (https://hl7.org/fhir/R4/datatypes.html#uri).
func (p *pass) uri(it item) {
	s := it.v.Str()
	switch {
	case strings.HasPrefix(s, "oid:"), strings.HasPrefix(s, "uuid:"):
		p.tellStrictly("invalid", it.at(), "an OID or UUID begins with urn: in front")
	case strings.HasPrefix(s, "urn:oid:") && !isOID(s):
		p.tellStrictly("invalid", it.at(), "this is no OID: numbers with dots between, the first from 0 to 2")
	case strings.HasPrefix(s, "urn:uuid:") && !isUUID(s):
		p.tellStrictly("invalid", it.at(), "this is no UUID in lower case")
	}
}

func (p *pass) codeSystem(it item) {
	system := it.v.Get("system")
	url := system.Str()
	switch {
	case url == "":
	case !isAbsolute(url):
		p.tellStrictly("invalid", system, "the system of a coding must be an absolute url")
	case p.isValueSet(url):
		p.tellStrictly("invalid", system, "the system of a coding names a value set: name the code system")
	}
}

func (p *pass) isValueSet(url string) bool {
	if cs, err := p.Terms.CodeSystem(url); cs != nil || err != nil {
		return false
	}
	vs, err := p.Terms.ValueSet(url)
	return vs != nil && err == nil && vs.URL == url
}

// literal checks the form of a reference (https://hl7.org/fhir/R4/references.html#literal).
func (p *pass) literal(it item) {
	v := it.v.Get("reference")
	text := v.Str()
	ref := fhir.ParseRef(text)
	switch typ := it.v.Get("type").Str(); {
	case text == "":
	case ref.Kind == fhir.RefOther && !isAbsolute(text) && !strings.ContainsAny(text, "/?"):
		p.tellStrictly("value", v, "a relative reference is of the form Type/id")
	case ref.Kind == fhir.RefOther && !isAbsolute(text):
		p.tell(warning, "value", v, "a relative reference is of the form Type/id")
	case typ != "" && ref.Type != "" && typ != ref.Type:
		p.tellStrictly("value", it.v.Get("type"), "the type of the reference is not that of what it refers to")
	}
}

// elementID refuses an id that stands twice in a resource (https://hl7.org/fhir/R4/element-definitions.html#Element.id).
func (p *pass) elementID(id fhir.Value) {
	s := p.scope
	if s.ids == nil {
		s.ids = map[string]bool{}
	}
	if s.ids[id.Str()] {
		p.tellStrictly("invalid", id, "this id stands twice in the resource")
	}
	s.ids[id.Str()] = true
}
