package synth

import "strconv"

// bundle is one bundle being written.
type bundle struct {
	w    World
	form Form
	json []byte
	n    int
	each func(typ, body string) // if set, gets the resources instead
}

func (w World) begin(kind string, form Form) *bundle {
	return &bundle{w: w, form: form, json: []byte(`{"resourceType":"Bundle","type":"` + kind + `","entry":[`)}
}

func (b *bundle) end() []byte { return append(b.json, "]}"...) }

// add writes an entry. body is the resource without resourceType and id, beginning with a comma; unless is a condition, in
// the form Foreign only.
func (b *bundle) add(typ, id, body, unless string) {
	if b.each != nil {
		b.each(typ, body)
		return
	}
	if b.n++; b.n > 1 {
		b.json = append(b.json, ',')
	}
	b.json = append(b.json, `{"fullUrl":"urn:uuid:`+id+`","resource":{"resourceType":"`+typ+`","id":"`+id+`"`+body+`},"request":{"method":`...)
	switch {
	case b.form == Known:
		b.json = append(b.json, `"PUT","url":"`+typ+`/`+id+`"}}`...)
	case unless != "":
		b.json = append(b.json, `"POST","url":"`+typ+`","ifNoneExist":"`+unless+`"}}`...)
	default:
		b.json = append(b.json, `"POST","url":"`+typ+`"}}`...)
	}
}

// ref is a reference to another resource of the bundle.
func (b *bundle) ref(typ, id string) string {
	if b.form == Known {
		return `{"reference":"` + typ + `/` + id + `"}`
	}
	return `{"reference":"urn:uuid:` + id + `"}`
}

// Systems of identifiers.
const (
	siteSystem  = "https://ficus.health/bench/site"
	staffSystem = "http://hl7.org/fhir/sid/us-npi"
)

func (b *bundle) site(typ string, n int) string {
	display := `","display":"Hospital ` + strconv.Itoa(n) + `"}`
	if b.form == Known {
		return `{"reference":"` + typ + `/` + b.w.ID(typ, n, 0) + display
	}
	return `{"reference":"` + typ + `?identifier=` + siteSystem + `|` + strconv.Itoa(n) + display
}

func (b *bundle) staff(n int) string {
	display := `","display":"Dr. ` + b.w.doctor(n).family + `"}`
	if b.form == Known {
		return `{"reference":"Practitioner/` + b.w.ID("Practitioner", n, 0) + display
	}
	return `{"reference":"Practitioner?identifier=` + staffSystem + `|` + npi(n) + display
}

func (w World) doctor(n int) person { return name(w.chance(-2 - n)) }

// Hospitals is a bundle with all sites and staff: transaction or batch.
func (w World) Hospitals(form Form) []byte {
	b := w.begin(map[Form]string{Known: "transaction", Foreign: "batch"}[form], form)
	for n := range Sites {
		b.organization(n)
		b.location(n)
	}
	for n := range Staff {
		b.practitioner(n)
	}
	return b.end()
}

func coded(system string, c concept) string {
	return `{"coding":[{"system":"` + system + `","code":"` + c.code + `","display":"` + c.text + `"}],"text":"` + c.text + `"}`
}

func coding(system, code string) string {
	return `{"coding":[{"system":"` + system + `","code":"` + code + `"}]}`
}

const (
	loinc  = "http://loinc.org"
	snomed = "http://snomed.info/sct"
	rxnorm = "http://www.nlm.nih.gov/research/umls/rxnorm"
	ucum   = "http://unitsofmeasure.org"
	terms  = "http://terminology.hl7.org/CodeSystem/"
)

func profile(name string) string {
	return `,"meta":{"profile":["http://hl7.org/fhir/us/core/StructureDefinition/us-core-` + name + `"]}`
}
