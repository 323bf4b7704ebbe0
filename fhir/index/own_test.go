package index

import (
	"reflect"
	"slices"
	"testing"

	"github.com/ficushealth/ficus/fhir"
	"github.com/ficushealth/ficus/fhir/r4"
)

func own(t *testing.T, list ...r4.Param) *Own {
	t.Helper()
	o, err := NewOwn(r4.NewParamSet(list))
	if err != nil {
		t.Fatal(err)
	}
	return o
}

// TestOwnRows compares the rows of a tenant's parameter with those of the one of R4 that looks at the same.
func TestOwnRows(t *testing.T) {
	r, err := fhir.Parse([]byte(`{"resourceType":"Patient","gender":"male","birthDate":"1980","name":[{"family":"A"}],
		"managingOrganization":{"reference":"Organization/1"}}`), fhir.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	for i, code := range []string{"gender", "birthdate", "family", "organization"} {
		def, _ := r4.FindParam("Patient", code)
		def.Code, def.ID, def.Bases = "own-"+code, r4.FirstCustomParam+uint16(i), []string{"Patient"}
		rows, faults := own(t, def).Alone(r, Hasher{})
		if faults != nil || !slices.Equal(rows.Params, []uint16{def.ID}) {
			t.Fatalf("%s: %+v, %v faults", code, rows, faults)
		}
		with, err := own(t, def).Extract(nil, r, Hasher{})
		if err != nil {
			t.Fatal(err)
		}
		without, _ := Extract(r, Hasher{})
		if with.size() != without.size()+rows.size() || with.size() == without.size() {
			t.Errorf("%s: %d rows with it, %d without", code, with.size(), without.size())
		}
	}
}

// TestOwnComputed compares the rows of values that an expression computes with those of the same values as elements.
func TestOwnComputed(t *testing.T) {
	r, err := fhir.Parse([]byte(`{"resourceType":"Patient","gender":"male","birthDate":"1980-02-03","active":true,"multipleBirthInteger":2,
		"name":[{"family":"A"},{"family":"B"}],"extension":[{"url":"u:q","valueQuantity":{"value":2,"unit":"mg","system":"http://unitsofmeasure.org","code":"mg"}},
		{"url":"u:s","valueString":"male"}]}`), fhir.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	for kind, pair := range map[string][2]string{
		"number":   {"Patient.name.count()", "Patient.multipleBirth"},
		"quantity": {"2 'mg'", "Patient.extension('u:q').value"},
		"date":     {"Patient.birthDate.toString().toDate()", "Patient.birthDate"},
		"string":   {"Patient.gender.upper().lower()", "Patient.gender"},
		"token":    {"iif(Patient.name.exists(), 'male', 'x')", "Patient.extension('u:s').value"},
		"uri":      {"'ma' + 'le'", "Patient.extension('u:s').value"},
	} {
		def := r4.Param{ID: r4.FirstCustomParam, Code: "own", Type: kind, Bases: []string{"Patient"}, Expression: pair[0]}
		computed, faults := own(t, def).Alone(r, Hasher{})
		def.Expression = pair[1]
		element, _ := own(t, def).Alone(r, Hasher{})
		if len(faults) > 0 || element.size() == 0 || !reflect.DeepEqual(computed, element) {
			t.Errorf("%s: %s has %+v, %s has %+v", kind, pair[0], computed, pair[1], element)
		}
	}
}

// TestOwnFaults wants an expression that cannot be evaluated, or not within its budget, to cost only its own rows.
func TestOwnFaults(t *testing.T) {
	r, err := fhir.Parse([]byte(`{"resourceType":"Patient","gender":"male","name":[{"given":["a","b","c","d","e","f","g","h","i","j"]}]}`), fhir.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	deep := "'x'"
	for range 7 {
		deep = "%resource.name.given.select(" + deep + ")"
	}
	for _, expression := range []string{"Patient.name.given.toInteger() + 'x' + Patient.name.given", deep, "Patient.name.given.single()"} {
		bad := r4.Param{ID: r4.FirstCustomParam, Code: "bad", Type: "string", Bases: []string{"Patient"}, Expression: expression}
		good := r4.Param{ID: r4.FirstCustomParam + 1, Code: "good", Type: "token", Bases: []string{"Patient"}, Expression: "Patient.gender"}
		rows, faults := own(t, bad, good).Alone(r, Hasher{})
		if len(faults) != 1 || faults[0] != bad.ID || !slices.Equal(rows.Params, []uint16{good.ID}) {
			t.Errorf("%s: %v faults, %v", expression, faults, rows.Params)
		}
	}
}

func TestOwnRefusals(t *testing.T) {
	for name, def := range map[string]r4.Param{
		"no expression of FHIRPath": {Type: "token", Expression: "Patient.("},
		"special":                   {Type: "special", Expression: "Patient.gender"},
		"a composite without token": {Type: "composite", Expression: "Patient", Components: []r4.Component{
			{Type: "date", Expression: "birthDate"}, {Type: "string", Expression: "name"}}},
	} {
		def.ID, def.Code, def.Bases = r4.FirstCustomParam, "x", []string{"Patient"}
		if _, err := NewOwn(r4.NewParamSet([]r4.Param{def})); err == nil {
			t.Errorf("%s was accepted", name)
		}
	}
}

// TestOwnChoice wants a choice that is named as JSON names it, as US Core 6.1 does, to have the rows of the choice.
func TestOwnChoice(t *testing.T) {
	r, err := fhir.Parse([]byte(`{"resourceType":"Condition","subject":{"display":"x"},"onsetDateTime":"2020-02-03","extension":[{"url":"u:d","valueDateTime":"2020-02-04"}]}`), fhir.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	for named, plain := range map[string]string{
		"Condition.extension.where(url = 'u:d').valueDateTime": "Condition.extension.where(url = 'u:d').value.ofType(dateTime)",
		"Condition.onsetDateTime":                              "Condition.onset.ofType(dateTime)",
	} {
		def := r4.Param{ID: r4.FirstCustomParam, Code: "own", Type: "date", Bases: []string{"Condition"}, Expression: named}
		got, faults := own(t, def).Alone(r, Hasher{})
		def.Expression = plain
		want, _ := own(t, def).Alone(r, Hasher{})
		if len(faults) > 0 || want.size() != 1 || !reflect.DeepEqual(got, want) {
			t.Errorf("%s has %+v, want %+v", named, got, want)
		}
	}
}
