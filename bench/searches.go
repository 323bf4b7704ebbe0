package bench

import (
	"math/rand/v2"
	"net/url"
	"strconv"

	"github.com/ficushealth/ficus/bench/synth"
)

// family is the searches by one type of parameter, in the kinds that are usual among benchmarks of FHIR servers: 20 results, in any order, no total.
type family struct {
	name string
	next func(*rand.Rand) Request
}

func (d *Data) families() []family {
	return []family{{"token", d.token}, {"string", d.text}, {"date", d.date}, {"quantity", d.quantity}, {"composite", d.composite}, {"reference", d.reference}}
}

// find is a search. Its kind is what stands before the value.
func find(typ, param, kind, value string) Request {
	return Request{Method: "GET", Path: "/" + typ + "?" + param + "=" + url.QueryEscape(kind+value) + "&_count=20", Kind: typ + "?" + param + "=" + kind, Count: 1}
}

func pick(r *rand.Rand, list ...string) string { return list[r.IntN(len(list))] }

func (d *Data) token(r *rand.Rand) Request {
	return find("Observation", "code", "", "http://loinc.org|"+synth.Code(r))
}

// text asks for the beginning or the middle of a name or an address.
func (d *Data) text(r *rand.Rand) Request {
	name := d.World.Family(r.IntN(d.Patients))
	switch r.IntN(5) {
	case 0:
		return find("Patient", "name", "", name[:4])
	case 1:
		return find("Patient", "name:contains", "", name[2:5])
	case 2:
		return find("Patient", "address", "", synth.Town(r)[:7])
	case 3:
		return find("Patient", "address:contains", "", synth.Town(r)[4:8])
	}
	return find("Patient", "family", "", name[:4])
}

// date asks with each of the prefixes but ap, whose range depends on the clock.
func (d *Data) date(r *rand.Rand) Request {
	day := strconv.Itoa(1960+r.IntN(60)) + "-0" + strconv.Itoa(1+r.IntN(9)) + "-01"
	return find("Observation", "date", pick(r, "eq", "ne", "gt", "lt", "ge", "le", "sa", "eb"), day)
}

const unit = "|http://unitsofmeasure.org|"

func (d *Data) quantity(r *rand.Rand) Request {
	prefix := pick(r, "gt", "lt", "ge", "le")
	switch r.IntN(3) {
	case 0:
		return find("Observation", "component-value-quantity", prefix, strconv.Itoa(70+r.IntN(60))+unit+"mm[Hg]")
	case 1:
		return find("Observation", "combo-value-quantity", prefix, strconv.Itoa(60+r.IntN(100))+unit+"mg/dL")
	}
	return find("Observation", "value-quantity", prefix, strconv.Itoa(60+r.IntN(100))+unit+"mg/dL")
}

// composite asks for glucose above or below a value.
func (d *Data) composite(r *rand.Rand) Request {
	return find("Observation", "code-value-quantity", "http://loinc.org|2339-0$"+pick(r, "gt", "lt"), strconv.Itoa(70+r.IntN(100))+unit+"mg/dL")
}

func (d *Data) reference(r *rand.Rand) Request {
	return find("Observation", "subject", "", "Patient/"+d.World.ID("Patient", r.IntN(d.Patients), 0))
}
