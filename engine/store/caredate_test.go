package store

import (
	"slices"
	"testing"

	"github.com/ficushealth/ficus/fhir/r4"
)

// TestEachDateOfCareIsThere: each parameter exists and is a date, and each type of a compartment that has dates is ruled out.
func TestEachDateOfCareIsThere(t *testing.T) {
	for typ, c := range careOf {
		for _, code := range append(slices.Clone(c.dates), c.until) {
			if p, ok := r4.FindParam(typ, code); code != "" && (!ok || p.Type != "date") {
				t.Errorf("%s has no date %s", typ, code)
			}
		}
	}
	for _, typ := range slices.Concat(compartmentTypes("Patient"), compartmentTypes("Encounter")) {
		_, has := careOf[typ]
		dated := slices.ContainsFunc(r4.Params(typ), func(p r4.Param) bool {
			return p.Type == "date" && p.Code != "_lastUpdated" && p.Code != "birthdate" && p.Code != "death-date"
		})
		if has != dated {
			t.Errorf("%s: ruled out %v, has dates %v", typ, has, dated)
		}
	}
}
