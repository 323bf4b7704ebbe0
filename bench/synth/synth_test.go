package synth

import (
	"bytes"
	"encoding/json"
	"testing"

	"github.com/ficushealth/ficus/fhir"
	"github.com/ficushealth/ficus/fhir/validate"
)

// usual is what Synthea writes, counted over 60 of its patients: bytes of a resource, and resources of
// the type in a thousand.
var usual = map[string]struct{ size, share int }{
	"Observation": {841, 461}, "Claim": {1456, 110}, "DiagnosticReport": {2010, 86}, "MedicationRequest": {991, 60}, "Encounter": {1530, 50},
	"DocumentReference": {2546, 50}, "ExplanationOfBenefit": {5661, 50}, "Procedure": {854, 40}, "SupplyDelivery": {585, 18}, "Immunization": {739, 17}, "Condition": {968, 16},
}

func TestPatientsAreLikeThoseOfSynthea(t *testing.T) {
	w, all := New(7), 0
	n, size := map[string]int{}, map[string]int{}
	for i := range 60 {
		for e := range parse(t, w.Patient(i, Known)).Entries() {
			n[e.Body.Get("resourceType").Str()]++
			size[e.Body.Get("resourceType").Str()] += len(e.Body.Raw())
			all++
		}
	}
	if each := all / 60; each < 135 || each > 165 {
		t.Errorf("a patient has %d resources, 150 are usual", each)
	}
	for typ, want := range usual {
		if got := size[typ] / n[typ]; got < want.size*3/4 || got > want.size*4/3 {
			t.Errorf("%s: %d bytes, %d are usual", typ, got, want.size)
		}
		if got := n[typ] * 1000 / all; got < want.share*3/4-3 || got > want.share*4/3+3 {
			t.Errorf("%s: %d in a thousand, %d are usual", typ, got, want.share)
		}
	}
}

func TestEveryResourceIsValid(t *testing.T) {
	w := New(3)
	for _, form := range []Form{Known, Foreign} {
		for _, raw := range [][]byte{w.Hospitals(form), w.Patient(0, form), w.Patient(1, form), w.Patient(2, form)} {
			b := parse(t, raw)
			for _, i := range validate.Base(b.Resource) {
				if !i.Warning {
					t.Errorf("%s: %s", i.Expression, i.Text)
				}
			}
		}
	}
}

func TestAWorldIsTheSameTwiceAndIdsAreKnown(t *testing.T) {
	w := New(5)
	if !bytes.Equal(w.Patient(9, Foreign), New(5).Patient(9, Foreign)) || bytes.Equal(w.Patient(9, Known), New(6).Patient(9, Known)) {
		t.Error("the seed does not decide")
	}
	ids, names := map[string]bool{}, ""
	for e := range parse(t, w.Patient(9, Known)).Entries() {
		ids[e.Body.Get("resourceType").Str()+"/"+e.Body.Get("id").Str()] = true
		names += e.Body.Get("name").At(0).Get("family").Str()
	}
	for n := range w.Observations(9) {
		if !ids["Observation/"+w.ID("Observation", 9, n)] {
			t.Fatalf("observation %d has another id", n)
		}
	}
	if ids["Observation/"+w.ID("Observation", 9, w.Observations(9))] || !ids["Patient/"+w.ID("Patient", 9, 0)] || names != w.Family(9) {
		t.Errorf("patient 9 is not as foretold: %s, %s", names, w.Family(9))
	}
}

func TestSinglesHaveNoID(t *testing.T) {
	for _, s := range New(1).Singles(0) {
		var r map[string]any
		if err := json.Unmarshal(s.JSON, &r); err != nil || r["id"] != nil || r["resourceType"] != s.Type {
			t.Fatalf("%s: %v %v", s.Type, err, r["id"])
		}
	}
}

func parse(t *testing.T, raw []byte) fhir.Bundle {
	t.Helper()
	r, err := fhir.Parse(raw, fhir.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	return fhir.Bundle{Resource: r}
}
