package r4

import (
	"slices"
	"strings"
	"testing"
)

func TestFindParam(t *testing.T) {
	for _, c := range []struct{ typ, code, kind, on string }{
		{"Patient", "birthdate", "date", "Patient.birthDate"},
		{"Patient", "_id", "token", "Resource.id"},
		{"Bundle", "_lastUpdated", "date", "Resource.meta.lastUpdated"},
		{"Patient", "_text", "string", ""},
		{"Observation", "code", "token", "Observation.code"},
		{"Observation", "patient", "reference", "Observation.subject.where(resolve() is Patient)"},
		{"Observation", "code-value-quantity", "composite", "Observation"},
		{"Encounter", "type", "token", "Encounter.type"},
	} {
		p, ok := FindParam(c.typ, c.code)
		if !ok || p.Code != c.code || p.Type != c.kind || p.On(c.typ) != c.on {
			t.Errorf("%s %s: %v %s %q", c.typ, c.code, ok, p.Type, p.On(c.typ))
		}
	}
	for _, c := range [][2]string{{"Patient", "status"}, {"Patient", ""}, {"Nothing", "_id"}, {"Bundle", "_text"}} {
		if _, ok := FindParam(c[0], c[1]); ok {
			t.Errorf("%s has a parameter %q", c[0], c[1])
		}
	}
}

func TestComponents(t *testing.T) {
	p, _ := FindParam("Observation", "code-value-quantity")
	if len(p.Components) != 2 || p.Components[0].Code != "code" || p.Components[0].Type != "token" || p.Components[1].Type != "quantity" {
		t.Errorf("components are %+v", p.Components)
	}
}

// The numbers are stored in databases: a failure here means that existing databases can no longer be read.
func TestParamIDsArePinned(t *testing.T) {
	for code, want := range map[string]uint16{"_id": 1172, "_lastUpdated": 1173, "birthdate": 1363, "identifier": 973} {
		if p, _ := FindParam("Patient", code); p.ID != want {
			t.Errorf("Patient %s has number %d, want %d", code, p.ID, want)
		}
	}
}

func TestEveryParamStandsForEveryBase(t *testing.T) {
	seen, pairs := map[uint16]string{}, 0
	for _, p := range AllParams() {
		if p.ID == 0 || p.ID >= FirstCustomParam || seen[p.ID] != "" {
			t.Errorf("%s has the number %d of %q", p.URL, p.ID, seen[p.ID])
		}
		seen[p.ID] = p.URL
		if (p.Type == "composite") != (len(p.Components) > 1) {
			t.Errorf("%s: %s with %d components", p.URL, p.Type, len(p.Components))
		}
		for _, base := range p.Bases {
			pairs++
			if found, ok := FindParam(base, p.Code); !ok || found.ID != p.ID {
				t.Errorf("%s is not found for %s", p.URL, base)
			}
			if (p.On(base) == "") != (p.Expression == "") {
				t.Errorf("%s yields nothing for %s", p.URL, base)
			}
		}
	}
	if len(seen) != 1375 || pairs != 1706 {
		t.Errorf("%d parameters, %d with their bases", len(seen), pairs)
	}
}

func TestParamsAreSortedAndWhole(t *testing.T) {
	for _, name := range Resources() {
		list := Params(name)
		if !slices.IsSortedFunc(list, func(a, b Param) int { return strings.Compare(a.Code, b.Code) }) {
			t.Errorf("%s is not sorted", name)
		}
		for i, p := range list {
			if i > 0 && list[i-1].Code == p.Code {
				t.Errorf("%s has %s twice", name, p.Code)
			}
			if !slices.ContainsFunc(p.Bases, func(base string) bool { return IsA(name, base) }) {
				t.Errorf("%s has %s, which is for %v", name, p.URL, p.Bases)
			}
		}
	}
	if len(Params("Resource")) != 8 || len(Params("DomainResource")) != 9 {
		t.Errorf("%d for Resource, %d for DomainResource", len(Params("Resource")), len(Params("DomainResource")))
	}
}

func TestOnKeepsOnlyTheOwnBranch(t *testing.T) {
	for _, p := range AllParams() {
		if len(p.Bases) < 2 {
			continue
		}
		for _, base := range p.Bases {
			for _, other := range p.Bases {
				if other != base && strings.Contains(p.On(base), "("+other+".") {
					t.Errorf("%s on %s: %s", p.Code, base, p.On(base))
				}
			}
		}
	}
}

func TestUnionBranches(t *testing.T) {
	for expr, want := range map[string][]string{
		"A.b":                         {"A.b"},
		"A.b | C.d":                   {"A.b", "C.d"},
		"A.where(x='|' or (a|b)) | C": {"A.where(x='|' or (a|b))", "C"},
	} {
		if got := unionBranches(expr); !slices.Equal(got, want) {
			t.Errorf("%s: %q", expr, got)
		}
	}
}

func TestCompartment(t *testing.T) {
	if got := Compartment("Patient", "Observation"); !slices.Equal(got, []string{"subject", "performer"}) {
		t.Errorf("Observation is in the patient compartment by %v", got)
	}
	if got := Compartment("Patient", "Organization"); got != nil {
		t.Errorf("Organization is in the patient compartment by %v", got)
	}
	for key, codes := range compartments() {
		for _, code := range codes {
			if _, ok := FindParam(key[1], code); !ok {
				t.Errorf("%v: no parameter %s", key, code)
			}
		}
	}
}
