package index

import (
	"strings"
	"testing"

	"github.com/ficushealth/ficus/fhir"
	"github.com/ficushealth/ficus/fhir/r4"
)

// TestOwnCost wants what a tenant's expression reads to count, not only how many steps it takes: each of these would read
// or index gigabytes of a resource of a few megabytes.
func TestOwnCost(t *testing.T) {
	const many = 4000
	long := strings.Repeat(`abc\n`, 200_000)
	r, err := fhir.Parse([]byte(`{"resourceType":"Patient","language":"`+long+`","implicitRules":"`+long+`x","extension":[`+
		strings.Repeat(`{"url":"x","valueString":"y"},`, many)+`{"url":"z"}],"name":[{"given":["`+strings.Repeat(`a","`, many)+`b"]}]}`), fhir.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	for _, x := range []string{"%resource.language < %resource.implicitRules", "%resource.language = %resource.implicitRules", "%resource.language ~ %resource.implicitRules",
		"%resource.language.substring(1, 1)", "%resource.language.toInteger()", "%resource.language.resolve()", "%resource.language.convertsToDate()",
		"%resource.extension[0].url", "%resource.extension('w')", "(%resource.language | %resource.implicitRules).count().toString()", "%resource.language.toChars().first()",
		"%resource.language", "%resource.name.first()"} {
		def := r4.Param{ID: r4.FirstCustomParam, Code: "own", Type: "string", Bases: []string{"Patient"}, Expression: "Patient.name.given.select(" + x + ")"}
		if rows, faults := own(t, def).Alone(r, Hasher{}); len(faults) != 1 || rows.size() > 0 {
			t.Errorf("%s: %d rows, %v", x, rows.size(), faults)
		}
	}
	for _, x := range []string{"Patient.name.given", "Patient.name", "Patient.language", "Patient.extension.where(url = 'x').value", "Patient.extension('x').value"} {
		def := r4.Param{ID: r4.FirstCustomParam, Code: "own", Type: "string", Bases: []string{"Patient"}, Expression: x}
		if rows, faults := own(t, def).Alone(r, Hasher{}); len(faults) > 0 || rows.size() == 0 {
			t.Errorf("%s: %d rows, %v", x, rows.size(), faults)
		}
	}
}

// TestOwnCompositeCost wants the parts of a composite to have one budget, not one for each value.
func TestOwnCompositeCost(t *testing.T) {
	r, err := fhir.Parse([]byte(`{"resourceType":"Patient","name":[{"given":["`+strings.Repeat(`a","`, 5000)+`b"]}]}`), fhir.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	def := r4.Param{ID: r4.FirstCustomParam, Code: "own", Type: "composite", Bases: []string{"Patient"}, Expression: "Patient.name.given", Components: []r4.Component{
		{Type: "token", Expression: "$this"}, {Type: "string", Expression: "%resource.name.given.count().toString()"}}}
	if _, faults := own(t, def).Alone(r, Hasher{}); len(faults) != 1 {
		t.Errorf("%v", faults)
	}
	if _, err := own(t, def).Pointers(r, func(string) bool { return true }); err != nil {
		t.Error(err)
	}
}
