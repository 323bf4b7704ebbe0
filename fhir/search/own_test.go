package search

import (
	"testing"

	"github.com/ficushealth/ficus/fhir/r4"
)

// TestOwnParams reads parameters of a tenant in every place where R4's stand, and holds them to their definitions.
func TestOwnParams(t *testing.T) {
	const n = r4.FirstCustomParam
	set := r4.NewParamSet([]r4.Param{
		{ID: n, Code: "race", Type: "token", Bases: []string{"Patient"}, Expression: "Patient.gender", Rules: &r4.ParamRules{Modifiers: []string{"not"}, OneValue: true, Once: true}},
		{ID: n + 1, Code: "guide", Type: "reference", Bases: []string{"Patient"}, Targets: []string{"Practitioner"}, Expression: "Patient.generalPractitioner", Rules: &r4.ParamRules{Chains: []string{"name"}}},
		{ID: n + 2, Code: "height", Type: "quantity", Bases: []string{"Observation"}, Expression: "Observation.value", Rules: &r4.ParamRules{Comparators: []string{"gt"}}},
		{ID: n + 3, Code: "anywhere", Type: "string", Bases: []string{"Resource"}, Expression: "Resource.id"},
	})
	for _, c := range []struct {
		typ, query string
		ok         bool
	}{
		{"Patient", "race=x", true}, {"Patient", "race:not=x", true}, {"Patient", "race:in=x", false}, {"Patient", "race=x,y", false},
		{"Patient", "race=x&race=y", false}, {"Patient", "race:missing=true", true}, {"Observation", "race=x", false}, {"Patient", "race#10000=x", false},
		{"Observation", "subject:Patient.race=x", true}, {"Observation", "subject.race=x", true}, {"Patient", "guide.name=x", true}, {"Patient", "guide.family=x", false},
		{"Patient", "_include=Patient:guide", true}, {"Practitioner", "_revinclude=Patient:guide", true}, {"Practitioner", "_has:Patient:guide:race=x", true},
		{"Patient", "_sort=race,-guide", true}, {"Observation", "height=gt3", true}, {"Observation", "height=lt3", false}, {"Patient", "_filter=race eq x", true},
		{"Patient", "anywhere=x", true}, {"", "anywhere=x", true}, {"Practitioner", "_has:Patient:guide:anywhere=x", true},
	} {
		pairs, err := ParseQueryString(c.query)
		if err != nil {
			t.Fatal(err)
		}
		if _, _, err := ParseIn(set, c.typ, pairs, Strict); (err == nil) != c.ok {
			t.Errorf("%s?%s: %v", c.typ, c.query, err)
		}
		if _, _, err := Parse(c.typ, pairs, Strict); err == nil {
			t.Errorf("%s?%s is known to R4", c.typ, c.query)
		}
	}
}
