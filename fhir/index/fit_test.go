package index

import (
	"testing"

	"github.com/ficushealth/ficus/fault"
	"github.com/ficushealth/ficus/fhir/r4"
)

// TestFindsNothing wants a definition that can find nothing to be refused at the place of the mistake.
func TestFindsNothing(t *testing.T) {
	for _, c := range []struct{ typ, base, expression, place string }{
		{"date", "Patient", "Patient.name.family", "type"},
		{"date", "Patient", "Patient.name.count()", "type"},
		{"string", "Patient", "Patient.birthDate", "type"},
		{"number", "Patient", "Patient.gender", "type"},
		{"quantity", "Observation", "Observation.value.ofType(string)", "type"},
		{"reference", "Patient", "Patient.maritalStatus", "type"},
		{"token", "Patient", "Patient.contact", "type"},
		{"token", "Patient", "Patient.name.count()", "type"},
		{"uri", "Patient", "Patient.name", "type"},
		{"string", "Patient", "Patient.nmae", "expression"},
		{"string", "Patient", "Patient.name | Patient.nickname", "expression"},
		{"token", "Patient", "Observation.code", "expression"},
		{"quantity", "Patient", "Patient.name.ofType(Quantity)", "expression"},
		{"token", "Patient", "name.where(usage = 'usual').given", "expression"},
	} {
		def := r4.Param{Code: "x", Type: c.typ, Bases: []string{c.base}, Expression: c.expression}
		f := fault.Find(finds(&def))
		if f == nil || f.Kind != fault.Unprocessable || f.Issues[0].Expression != "SearchParameter."+c.place {
			t.Errorf("%s of %s: %+v", c.typ, c.expression, f)
		}
	}
}

// TestMayFind wants what is only known with data to be accepted.
func TestMayFind(t *testing.T) {
	for _, c := range []struct{ typ, base, expression string }{
		{"date", "Patient", "Patient.extension('http://x.test/d').value"},
		{"date", "Condition", "Condition.extension.where(url = 'http://x.test/d').valueDateTime"},
		{"date", "Resource", "Resource.meta.lastUpdated"},
		{"token", "Patient", "%resource.gender"},
		{"token", "Patient", "gender"},
		{"token", "Patient", "Patient.active = true"},
		{"string", "Patient", "Patient.name.given.first() & 'x'"},
		{"number", "Patient", "Patient.name.count()"},
		{"quantity", "Observation", "Observation.value"},
		{"date", "Patient", "Patient.birthDate.toString().toDate()"},
		{"string", "Patient", "Patient.generalPractitioner.resolve().name"},
		{"string", "Bundle", "Bundle.entry.resource.name"},
		{"reference", "Bundle", "Bundle.entry[0].resource"},
		{"token", "Patient", "iif(Patient.active, Patient.gender, 'x')"},
		{"token", "Patient", "Patient.contained.descendants().code"},
	} {
		def := r4.Param{Code: "x", Type: c.typ, Bases: []string{c.base}, Expression: c.expression}
		if err := finds(&def); err != nil {
			t.Errorf("%s of %s: %v", c.typ, c.expression, err)
		}
	}
}

// TestStandardParamsFind wants every parameter of R4 to be one that a tenant could define under another code.
func TestStandardParamsFind(t *testing.T) {
	n := 0
	for _, def := range r4.AllParams() {
		if def.Expression == "" || def.Type == "special" {
			continue
		}
		n++
		if err := finds(&def); err != nil {
			t.Errorf("%s (%s of %s): %v", def.URL, def.Type, def.Expression, err)
		}
	}
	if n < 1300 {
		t.Errorf("only %d parameters were looked at", n)
	}
}
