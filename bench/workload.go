package bench

import (
	"bytes"
	"math/rand/v2"
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
	Start   func(*rand.Rand) Script
}

// Script makes the requests of one client, one by one; each may depend on the answer to the one before.
type Script func(Answer) Request

// plain is a workload whose requests do not depend on answers.
func plain(next func(*rand.Rand) Request) func(*rand.Rand) Script {
	return func(r *rand.Rand) Script {
		return func(Answer) Request { return next(r) }
	}
}

// Data is what the servers hold: so many patients of a world.
type Data struct {
	World    synth.World
	Patients int

	singles []synth.Single // to be created
	byType  map[string][]synth.Single
	stored  []stored // observations that are there
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
	d := &Data{World: w, Patients: patients, byType: map[string][]synth.Single{}}
	for i := range min(patients, singlePatients) {
		d.singles = append(d.singles, w.Singles(i)...)
		d.stored = append(d.stored, observations(w.Patient(i, synth.Known))...)
	}
	for _, s := range d.singles {
		d.byType[s.Type] = append(d.byType[s.Type], s)
	}
	for i := range importBundles {
		body := w.Patient(patients+i, synth.Foreign)
		d.bundles = append(d.bundles, Request{Method: "POST", Path: "", Body: body, Count: entries(body)})
	}
	return d
}

// observations takes them out of a patient's bundle.
func observations(bundle []byte) (all []stored) {
	r, err := fhir.Parse(bundle, fhir.Limits{Bytes: len(bundle), Values: len(bundle)})
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
	each := func(counts []int, name string, goal float64, start func(*rand.Rand) Script) {
		for _, n := range counts {
			all = append(all, Workload{Name: name, Clients: n, Unit: "requests", Goal: goal, Start: start})
		}
	}
	each(writers, "create", 0.5, plain(d.create))
	each(writers, "update", 0.5, plain(d.update))
	each(writers, "crud", 0.5, d.crud)
	each(readers, "read", 0.6, plain(d.read))
	for _, f := range d.families() {
		each(readers[:1], "search "+f.name, 0.5, plain(f.next))
	}
	return append(all, Workload{Name: "import", Clients: 4, Unit: "resources", Goal: 0.4, Start: plain(d.load)})
}

func (d *Data) create(r *rand.Rand) Request {
	s := d.singles[r.IntN(len(d.singles))]
	return Request{Method: "POST", Path: "/" + s.Type, Body: s.JSON, Count: 1, Status: 201}
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

func (d *Data) load(r *rand.Rand) Request { return d.bundles[r.IntN(len(d.bundles))] }
