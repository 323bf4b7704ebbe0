package index

import (
	"slices"
	"strings"
	"testing"

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
