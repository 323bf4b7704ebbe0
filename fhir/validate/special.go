package validate

import (
	"slices"
	"strings"

	"github.com/ficushealth/ficus/fhir"
	"github.com/ficushealth/ficus/fhir/path"
	"github.com/ficushealth/ficus/fhir/r4"
	"github.com/ficushealth/ficus/fhir/term"
)

// special checks what the text of the specification asks of single types beyond elements and invariants.
func (p *pass) special(it item) {
	p.named(it)
	switch it.t.Name {
	case "Observation":
		p.vitalSign(it)
	case "Questionnaire":
		p.questions(it)
	case "QuestionnaireResponse":
		p.answers(it)
	case "StructureDefinition":
		p.structureDefinition(it)
	case "SearchParameter":
		p.searchParameter(it)
	case "ValueSet":
		p.composed(it)
	case "CodeSystem":
		p.concepts(it)
	}
	if p.Publication {
		p.published(it)
	}
}

// named checks the url by which a definition is known (https://hl7.org/fhir/R4/references.html#canonical).
func (p *pass) named(it item) {
	e, url := it.t.Find("url"), it.v.Get("url")
	if e == nil || e.Types[0] != "uri" || url.Kind() != fhir.String || isAbsolute(url.Str()) {
		return
	}
	p.tellStrictly("invalid", url, "the url by which a definition is known must be absolute")
}

// vitalSigns are the codes of which R4 says that an Observation with one of them must meet the profile
// (https://hl7.org/fhir/R4/observation-vitalsigns.html): LOINC, and for strict checks SNOMED CT.
var vitalSigns = map[term.Coding]string{
	{System: "http://loinc.org", Code: "85353-1"}: "vitalspanel", {System: "http://loinc.org", Code: "9279-1"}: "resprate",
	{System: "http://loinc.org", Code: "8867-4"}: "heartrate", {System: "http://loinc.org", Code: "2708-6"}: "oxygensat",
	{System: "http://loinc.org", Code: "8310-5"}: "bodytemp", {System: "http://loinc.org", Code: "8302-2"}: "bodyheight",
	{System: "http://loinc.org", Code: "9843-4"}: "headcircum", {System: "http://loinc.org", Code: "29463-7"}: "bodyweight",
	{System: "http://loinc.org", Code: "39156-5"}: "bmi", {System: "http://loinc.org", Code: "85354-9"}: "bp",
}

var vitalSignsOfSNOMED = map[string]string{
	"86290005": "resprate", "364075005": "heartrate", "103228002": "oxygensat", "386725007": "bodytemp", "276885007": "bodytemp",
	"50373000": "bodyheight", "363812007": "headcircum", "27113001": "bodyweight", "60621009": "bmi", "75367002": "bp",
}

func (p *pass) vitalSign(it item) {
	for c := range p.each(it.v.Get("code").Get("coding")) {
		coding := term.Coding{System: c.Get("system").Str(), Code: c.Get("code").Str()}
		name := vitalSigns[coding]
		if name == "" && p.Strict && coding.System == "http://snomed.info/sct" {
			name = vitalSignsOfSNOMED[coding.Code]
		}
		if name != "" {
			p.against(it, structures+name, false)
		}
	}
}

// questions checks that what enableWhen asks about is a question of the same questionnaire, and none inside the item that
// it enables.
func (p *pass) questions(it item) {
	all := map[string]fhir.Value{}
	p.eachItem(it.v, func(item fhir.Value) { all[item.Get("linkId").Str()] = item })
	p.enabled(it.v, all)
}

func (p *pass) eachItem(v fhir.Value, yield func(fhir.Value)) {
	for item := range p.each(v.Get("item")) {
		yield(item)
		p.eachItem(item, yield)
	}
}

func (p *pass) enabled(v fhir.Value, all map[string]fhir.Value) {
	i := 0
	for item := range p.each(v.Get("item")) {
		p.push("item")
		p.walk.index(i)
		for when := range p.each(item.Get("enableWhen")) {
			p.enabling(item, when, all)
		}
		p.enabled(item, all)
		p.pop()
		i++
	}
}

func (p *pass) enabling(item, when fhir.Value, all map[string]fhir.Value) {
	id := when.Get("question").Str()
	if id == "" {
		return
	}
	if _, ok := all[id]; !ok {
		p.tell(failure, "business-rule", when, "enableWhen asks about a linkId that no question has")
		return
	}
	inner := false
	p.eachItem(item, func(sub fhir.Value) { inner = inner || sub.Get("linkId").Str() == id })
	if inner || item.Get("linkId").Str() == id {
		p.tell(failure, "business-rule", when, "enableWhen asks about a question inside the item that it enables")
	}
}

// searchParameter checks the expression for each type that the parameter is for, and that a parameter is not wider than
// the one from which it is derived.
func (p *pass) searchParameter(it item) {
	bases := textsOf(it.v.Get("base"))
	if x := it.v.Get("expression"); x.Kind() == fhir.String {
		p.searchExpression(x, bases)
	}
	from, ok := paramByURL(it.v.Get("derivedFrom").Str())
	if !ok {
		return
	}
	if it.v.Get("type").Str() != from.Type {
		p.tell(failure, "business-rule", it.v.Get("type"), "the type differs from that of the parameter from which this one is derived")
	}
	for _, b := range bases {
		if !slices.Contains(from.Bases, b) && !slices.ContainsFunc(from.Bases, func(base string) bool { return r4.IsA(b, base) }) {
			p.tell(failure, "business-rule", it.v.Get("base"), "the parameter from which this one is derived is not for %s", b)
		}
	}
}

func (p *pass) searchExpression(x fhir.Value, bases []string) {
	e, err := path.Compile(x.Str())
	if err != nil {
		p.tell(failure, "invalid", x, "the expression is not FHIRPath")
		return
	}
	for _, b := range bases {
		if t := r4.Lookup(b); t == nil || t.Kind != r4.Resource {
			continue
		}
		for _, branch := range e.Branches() {
			if err := branch.Check(b); err != nil && len(bases) == 1 {
				p.tell(failure, "invalid", x, "the expression yields nothing on %s", b)
				return
			}
		}
	}
}

func textsOf(list fhir.Value) []string {
	var out []string
	for v := range list.Items() {
		out = append(out, v.Str())
	}
	return out
}

func paramByURL(url string) (r4.Param, bool) {
	url, _, _ = strings.Cut(url, "|")
	for _, p := range r4.AllParams() {
		if p.URL == url {
			return p, url != ""
		}
	}
	return r4.Param{}, false
}

// published is asked of definitions in HL7's own name: the committee that is responsible.
func (p *pass) published(it item) {
	if !strings.HasPrefix(it.v.Get("url").Str(), "http://hl7.org/") {
		return
	}
	for x := range p.each(it.v.Get("extension")) {
		if x.Get("url").Str() == structures+"structuredefinition-wg" {
			return
		}
	}
	p.tell(failure, "business-rule", it.v, "a definition that HL7 publishes must name its committee by the extension structuredefinition-wg")
}
