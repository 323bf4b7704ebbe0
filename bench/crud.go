package bench

import (
	"math/rand/v2"
	"path"
	"slices"
	"strings"

	"github.com/ficushealth/ficus/bench/synth"
)

// crud creates, reads, updates and deletes resources of nine types, in rounds of 36 requests without a pause: each step for
// all types before the next step, deletes in the opposite order.
func (d *Data) crud(r *rand.Rand) Script {
	lot := d.lot(r)
	at := 0
	ids := make([]string, len(lot))
	return func(a Answer) Request {
		if at > 0 && at <= len(lot) {
			ids[at-1] = idOf(a.Location)
		}
		if at == 4*len(lot) {
			lot, at = d.lot(r), 0
			ids = make([]string, len(lot))
		}
		step, i := at/len(lot), at%len(lot)
		if step == 3 {
			i = len(lot) - 1 - i
		}
		at++
		return [...]func(synth.Single, string) Request{born, looked, changed, gone}[step](lot[i], ids[i])
	}
}

// crudTypes are those that are usual among benchmarks of FHIR servers, as far as the world has them.
var crudTypes = [...]string{"Patient", "CarePlan", "DiagnosticReport", "Procedure", "Encounter", "Observation", "MedicationRequest", "Claim", "ExplanationOfBenefit"}

// lot picks one resource of each type.
func (d *Data) lot(r *rand.Rand) []synth.Single {
	var lot []synth.Single
	for _, typ := range crudTypes {
		all := d.byType[typ]
		if len(all) > 0 {
			lot = append(lot, all[r.IntN(len(all))])
		}
	}
	return lot
}

func born(s synth.Single, _ string) Request {
	return Request{Method: "POST", Path: "/" + s.Type, Kind: "create " + s.Type, Body: s.JSON, Count: 1, Status: 201}
}

func looked(s synth.Single, id string) Request {
	return Request{Method: "GET", Path: "/" + s.Type + "/" + id, Kind: "read " + s.Type, Count: 1}
}

// changed gives the resource a language, which it did not have.
func changed(s synth.Single, id string) Request {
	head := `{"resourceType":"` + s.Type + `"`
	body := slices.Concat([]byte(head+`,"id":"`+id+`","language":"en"`), s.JSON[len(head):])
	return Request{Method: "PUT", Path: "/" + s.Type + "/" + id, Kind: "update " + s.Type, Body: body, Count: 1}
}

func gone(s synth.Single, id string) Request {
	return Request{Method: "DELETE", Path: "/" + s.Type + "/" + id, Kind: "delete " + s.Type, Count: 1, Status: 204}
}

// idOf reads the id from a Location header (https://hl7.org/fhir/R4/http.html#create).
func idOf(location string) string {
	location, _, _ = strings.Cut(location, "/_history")
	return path.Base(location)
}
