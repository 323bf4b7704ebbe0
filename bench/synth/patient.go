package synth

import (
	"fmt"
	"strings"
	"time"
)

// perEncounter is how many observations an encounter has.
const perEncounter = 9

// Patient is the transaction bundle of patient i with all that belongs to it.
func (w World) Patient(i int, form Form) []byte {
	b := w.begin("transaction", form)
	w.tell(i, b)
	return b.end()
}

// Single is a resource without an id.
type Single struct {
	Type string
	JSON []byte
}

// Singles are the resources of patient i as they would be created one by one, when the patient's bundle is stored in the
// form Known: they refer to what stands there.
func (w World) Singles(i int) []Single {
	var all []Single
	b := w.begin("transaction", Known)
	b.each = func(typ, body string) {
		all = append(all, Single{typ, []byte(`{"resourceType":"` + typ + `"` + body + `}`)})
	}
	w.tell(i, b)
	return all
}

// tell writes the whole story of patient i.
func (w World) tell(i int, b *bundle) {
	l := w.life(i)
	c := &chart{bundle: b, life: l, i: i, counts: map[string]int{}}
	c.patient()
	at := l.born.AddDate(0, l.rand.IntN(600), 0)
	for range l.encounters {
		at = at.Add(time.Duration(l.rand.IntN(200*24*60)) * time.Minute)
		c.encounter(at)
	}
	c.care(at)
}

// chart is one patient's bundle being written.
type chart struct {
	*bundle
	life
	i      int
	counts map[string]int

	self, visit string // references to the patient and to the encounter at hand
	place, doc  int    // its site and member of staff
	at          time.Time
	reports     []string
}

// next is the id of the next resource of a type.
func (c *chart) next(typ string) string {
	n := c.counts[typ]
	c.counts[typ]++
	return c.w.ID(typ, c.i, n)
}

func (c *chart) patient() {
	id := c.next("Patient")
	c.self = c.ref("Patient", id)
	c.add("Patient", id, profile("patient")+c.extensions()+c.identifiers(id)+fmt.Sprintf(
		`,"name":[{"use":"official","family":"%s","given":["%s","%s"]}],"telecom":[{"system":"phone","value":"555-%07d","use":"home"}],"gender":"%s","birthDate":"%s","address":[%s],"maritalStatus":%s,"multipleBirthBoolean":false,"communication":[{"language":%s}]`,
		c.family, c.given, syllables[c.rand.IntN(len(syllables))], c.number%1e7, c.gender, c.born.Format(time.DateOnly), address(c.number),
		coded(terms+"v3-MaritalStatus", concept{"M", "Married"}), coded("urn:ietf:bcp:47", concept{"en-US", "English"})), "")
}

func (c *chart) extensions() string {
	const base = "http://hl7.org/fhir/us/core/StructureDefinition/us-core-"
	group := func(name, code, text string) string {
		return `{"url":"` + base + name + `","extension":[{"url":"ombCategory","valueCoding":{"system":"urn:oid:2.16.840.1.113883.6.238","code":"` + code + `","display":"` + text + `"}},{"url":"text","valueString":"` + text + `"}]}`
	}
	return `,"extension":[` + group("race", "2106-3", "White") + `,` + group("ethnicity", "2186-5", "Not Hispanic or Latino") + `,{"url":"` + base + `birthsex","valueCode":"` +
		strings.ToUpper(c.gender[:1]) + `"},{"url":"https://ficus.health/bench/years","valueDecimal":` + fmt.Sprintf("%.4f", c.rand.Float64()*60) + `}]`
}

func (c *chart) identifiers(id string) string {
	typed := func(code, text, system, value string) string {
		return `{"type":` + coded(terms+"v2-0203", concept{code, text}) + `,"system":"` + system + `","value":"` + value + `"}`
	}
	return `,"identifier":[{"system":"https://ficus.health/bench/patient","value":"` + id + `"},` + typed("MR", "Medical Record Number", "https://ficus.health/bench/record", id) + `,` +
		typed("SS", "Social Security Number", "http://hl7.org/fhir/sid/us-ssn", fmt.Sprintf("999-%02d-%04d", c.number%100, c.number/100%10000)) + `,` +
		typed("DL", "Driver's License", "https://ficus.health/bench/licence", fmt.Sprintf("S999%05d", c.number%100000)) + `]`
}

// encounter writes a visit and what came of it.
func (c *chart) encounter(at time.Time) {
	c.at, c.place, c.doc = at, c.rand.IntN(Sites), c.rand.IntN(Staff)
	id, why, what := c.next("Encounter"), problems[c.rand.IntN(len(problems))], visits[c.rand.IntN(len(visits))]
	c.visit, c.reports = c.ref("Encounter", id), nil
	period := c.period(20 * time.Minute)
	c.add("Encounter", id, profile("encounter")+`,"identifier":[{"use":"official","system":"https://ficus.health/bench/visit","value":"`+id+`"}],"status":"finished","class":{"system":"`+terms+
		`v3-ActCode","code":"AMB"},"type":[`+coded(snomed, what)+`],"subject":`+c.self+`,"participant":[{"type":[`+coded(terms+"v3-ParticipationType", concept{"PPRF", "primary performer"})+
		`],"period":`+period+`,"individual":`+c.staff(c.doc)+`}],"period":`+period+`,"reasonCode":[`+coded(snomed, why)+`],"location":[{"location":`+c.site("Location", c.place)+`}],"serviceProvider":`+
		c.site("Organization", c.place), "")
	c.observations()
	c.findings(why)
	c.treatment()
	c.bills(what)
}

func (c *chart) period(length time.Duration) string {
	return `{"start":"` + instant(c.at) + `","end":"` + instant(c.at.Add(length)) + `"}`
}

func (c *chart) odds(percent int) bool { return c.rand.IntN(100) < percent }

// common is what most clinical resources have.
func (c *chart) common() string { return `,"subject":` + c.self + `,"encounter":` + c.visit }
