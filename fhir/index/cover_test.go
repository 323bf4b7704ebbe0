package index

import (
	"slices"
	"strings"
	"testing"

	"github.com/ficushealth/ficus/fhir"
	"github.com/ficushealth/ficus/fhir/r4"
)

func TestInstead(t *testing.T) {
	for name, want := range map[string]string{
		"Observation.combo-code":                "code component-code",
		"Observation.combo-value-quantity":      "component-value-quantity value-quantity",
		"Observation.combo-code-value-quantity": "code-value-quantity component-code-value-quantity",
		"Patient.phonetic":                      "name",
		"CodeSystem.system":                     "url",
		"CapabilityStatement.fhirversion":       "version",
		"Observation.code":                      "",
		"Observation.patient":                   "",
		"Patient.name":                          "",
		"Nothing.name":                          "",
	} {
		typ, code, _ := strings.Cut(name, ".")
		var got []string
		for _, p := range Instead(typ, code) {
			got = append(got, p.Code)
		}
		slices.Sort(got)
		if strings.Join(got, " ") != want {
			t.Errorf("%s: %v, want %s", name, got, want)
		}
	}
}

// Whoever stands for another has rows itself.
func TestNobodyStandsForItself(t *testing.T) {
	for _, typ := range r4.Resources() {
		for _, p := range r4.Params(typ) {
			for _, q := range Instead(typ, p.Code) {
				if Instead(typ, q.Code) != nil || q.Code == p.Code {
					t.Errorf("%s: %s stands for %s", typ, q.Code, p.Code)
				}
			}
		}
	}
}

func TestThrough(t *testing.T) {
	for param, want := range map[string]string{
		"Observation.patient":    "subject Patient",
		"Task.patient":           "subject Patient",
		"Encounter.practitioner": "participant Practitioner",
		"Provenance.patient":     "target Patient",
		"Immunization.patient":   "",
		"Observation.subject":    "",
		"Patient.gender":         "",
	} {
		typ, code, _ := strings.Cut(param, ".")
		wide, only, ok := Through(typ, code)
		if got := strings.TrimSpace(wide.Code + " " + only); got != want || ok != (want != "") {
			t.Errorf("%s: %q", param, got)
		}
	}
	h := NewHasher(1)
	for to, want := range map[string]string{"Patient": "subject", "Group": "patient"} {
		if h.Refers("Observation", "patient", to) != h.Param("Observation", want) {
			t.Errorf("references to a %s are not under %s", to, want)
		}
	}
}

// TestANarrowParameterHasAValue: it has no row, but is not missing.
func TestANarrowParameterHasAValue(t *testing.T) {
	for target, want := range map[string]bool{"Patient/1": true, "Group/1": false, "http://other.example/fhir/Patient/1": true, "urn:uuid:1": false} {
		r, err := fhir.Parse([]byte(`{"resourceType":"Observation","subject":{"reference":"`+target+`"}}`), fhir.Limits{})
		if err != nil {
			t.Fatal(err)
		}
		rows, err := Extract(r, Hasher{})
		if got := slices.Contains(rows.Params, r4Param("Observation", "patient").ID); err != nil || got != want {
			t.Errorf("%s: %v, want %v (%v)", target, got, want, err)
		}
	}
}
