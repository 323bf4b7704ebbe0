package bench

import (
	"bytes"
	"math/rand/v2"
	"net/url"
	"strconv"

	"github.com/ficushealth/ficus/bench/synth"
	"github.com/ficushealth/ficus/fhir"
)

// Workload is a stream of requests of one kind.
type Workload struct {
	Name    string
	Clients int
	Unit    string  // what is counted
	Goal    float64 // least share of the raw limit; 0: none is set
	Status  int     // of a good answer
	Next    func(*rand.Rand) Request
}

// Data is what the servers hold: so many patients of a world.
type Data struct {
	World    synth.World
	Patients int

	singles []synth.Single // to be created
	stored  []stored       // observations that are there
	bundles []Request
}

type stored struct {
	id   string
	json []byte
}

// pool sizes: what is sent again and again is made once, so that the driver does not work while it measures.
const (
	singlePatients = 40
	importBundles  = 24
)

// NewData makes the requests. Imports bring patients that the servers do not hold.
func NewData(w synth.World, patients int) *Data {
	d := &Data{World: w, Patients: patients}
	for i := range min(patients, singlePatients) {
		d.singles = append(d.singles, w.Singles(i)...)
		d.stored = append(d.stored, observations(w.Patient(i, synth.Known))...)
	}
	for i := range importBundles {
		body := w.Patient(patients+i, synth.Foreign)
		d.bundles = append(d.bundles, Request{Method: "POST", Path: "", Body: body, Count: entries(body)})
	}
	return d
}

// observations takes them out of a patient's bundle.
func observations(bundle []byte) (all []stored) {
	r, err := fhir.Parse(bundle, fhir.Limits{Bytes: len(bundle)})
	if err != nil {
		return nil // the tests of synth parse every bundle
	}
	for e := range (fhir.Bundle{Resource: r}).Entries() {
		if e.Body.Get("resourceType").Str() == "Observation" {
			all = append(all, stored{e.Body.Get("id").Str(), bytes.Clone(e.Body.Raw())})
		}
	}
	return all
}

// Workloads lists all, for these numbers of readers and writers; searches are for the first number of readers.
func (d *Data) Workloads(readers, writers []int) []Workload {
	if len(readers) == 0 {
		readers = []int{16}
	}
	var all []Workload
	for _, n := range writers {
		all = append(all, Workload{Name: "create", Clients: n, Unit: "requests", Goal: 0.5, Status: 201, Next: d.create})
	}
	for _, n := range writers {
		all = append(all, Workload{Name: "update", Clients: n, Unit: "requests", Goal: 0.5, Status: 200, Next: d.update})
	}
	for _, n := range readers {
		all = append(all, Workload{Name: "read", Clients: n, Unit: "requests", Goal: 0.6, Status: 200, Next: d.read})
	}
	for _, s := range []struct {
		family string
		next   func(*rand.Rand) Request
	}{{"token", d.token}, {"string", d.text}, {"date", d.date}, {"quantity", d.quantity}, {"reference", d.reference}} {
		all = append(all, Workload{Name: "search " + s.family, Clients: readers[0], Unit: "requests", Goal: 0.5, Status: 200, Next: s.next})
	}
	return append(all, Workload{Name: "import", Clients: 4, Unit: "resources", Goal: 0.4, Status: 200, Next: d.load})
}

func (d *Data) create(r *rand.Rand) Request {
	s := d.singles[r.IntN(len(d.singles))]
	return Request{Method: "POST", Path: "/" + s.Type, Body: s.JSON, Count: 1}
}

// update puts an observation back with another status and another year of issue.
func (d *Data) update(r *rand.Rand) Request {
	one := d.stored[r.IntN(len(d.stored))]
	body := bytes.Replace(one.json, []byte(`"status":"final"`), []byte(`"status":"`+[]string{"final", "amended"}[r.IntN(2)]+`"`), 1)
	if at := bytes.Index(body, []byte(`"issued":"`)); at >= 0 {
		copy(body[at+len(`"issued":"`):], strconv.Itoa(1000+r.IntN(9000)))
	}
	return Request{Method: "PUT", Path: "/Observation/" + one.id, Body: body, Count: 1}
}

func (d *Data) observation(r *rand.Rand) string {
	i := r.IntN(d.Patients)
	return d.World.ID("Observation", i, r.IntN(d.World.Observations(i)))
}

func (d *Data) read(r *rand.Rand) Request {
	path := "/Observation/" + d.observation(r)
	switch r.IntN(4) {
	case 0:
		path = "/Patient/" + d.World.ID("Patient", r.IntN(d.Patients), 0)
	case 1:
		i := r.IntN(d.Patients)
		path = "/Encounter/" + d.World.ID("Encounter", i, r.IntN(d.World.Encounters(i)))
	}
	return Request{Method: "GET", Path: path, Count: 1}
}

func find(typ, param, value string) Request {
	return Request{Method: "GET", Path: "/" + typ + "?" + param + "=" + url.QueryEscape(value) + "&_count=20", Count: 1}
}

func (d *Data) token(r *rand.Rand) Request {
	return find("Observation", "code", "http://loinc.org|"+synth.Code(r))
}

func (d *Data) text(r *rand.Rand) Request {
	return find("Patient", "family", d.World.Family(r.IntN(d.Patients))[:4])
}

func (d *Data) date(r *rand.Rand) Request {
	return find("Observation", "date", "ge"+strconv.Itoa(1960+r.IntN(60))+"-0"+strconv.Itoa(1+r.IntN(9))+"-01")
}

func (d *Data) quantity(r *rand.Rand) Request {
	return find("Observation", "value-quantity", "gt"+strconv.Itoa(60+r.IntN(100))+"|http://unitsofmeasure.org|mg/dL")
}

func (d *Data) reference(r *rand.Rand) Request {
	return find("Observation", "subject", "Patient/"+d.World.ID("Patient", r.IntN(d.Patients), 0))
}

func (d *Data) load(r *rand.Rand) Request { return d.bundles[r.IntN(len(d.bundles))] }
