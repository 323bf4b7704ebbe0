package access

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ficushealth/ficus/fault"
	"github.com/ficushealth/ficus/fhir/r4"
	"github.com/ficushealth/ficus/fhir/search"
)

// said writes conditions as people read them.
func said(list []search.Clause) string {
	var out []string
	for _, k := range list {
		switch k.Form {
		case search.Within:
			out = append(out, "in "+k.Compartment.Type+"/"+k.Compartment.ID)
		case search.Compare:
			var values []string
			for _, v := range k.Values {
				values = append(values, v.Code+v.Ref.ID)
			}
			out = append(out, k.Name+"="+strings.Join(values, ","))
		case search.Join:
			out = append(out, k.Code+"->("+said(k.Sub)+")")
		default:
			out = append(out, [...]string{"", "all", "any", "none"}[k.Form]+"("+said(k.Sub)+")")
		}
	}
	return strings.Join(out, " ")
}

func decided(t *testing.T, p Principal, op Op, typ string) string {
	t.Helper()
	n, err := (&Book{}).Decide(&p, op, typ, nil, 0)
	switch {
	case fault.Is(err, fault.Forbidden):
		return "nothing"
	case err != nil:
		t.Fatal(err)
	case n.All:
		return "all"
	}
	return said(n.Where)
}

func TestScopesNarrow(t *testing.T) {
	for _, c := range []struct{ scopes, patient, typ, want string }{
		{"user/*.rs", "", "Patient", "all"},
		{"patient/*.rs", "", "Patient", "nothing"},
		{"patient/*.rs", "7", "Patient", "in Patient/7"},
		{"patient/*.rs", "7", "Observation", "in Patient/7"},
		{"patient/*.rs", "7", "Practitioner", "nothing"},
		{"patient/*.c", "7", "Observation", "nothing"},
		{"patient/Observation.rs?category=laboratory", "7", "Observation", "in Patient/7 category=laboratory"},
		{"patient/Observation.rs?category=laboratory", "7", "Patient", "nothing"},
		{"patient/*.rs?category=laboratory", "7", "Patient", "nothing"},
		{"patient/Observation.rs?category=laboratory&status=final user/Observation.s?code=1", "7", "Observation", "any(code=1 all(in Patient/7 category=laboratory status=final))"},
		{"patient/Observation.rs user/Observation.s", "7", "Observation", "all"},
		{"user/Observation.rs?no-such-parameter=1", "", "Observation", "nothing"},
		{"user/Observation.rs?near=1", "", "Observation", "nothing"},
	} {
		if got := decided(t, Principal{Scopes: scopes(t, c.scopes), Patient: c.patient}, Search, c.typ); got != c.want {
			t.Errorf("%s for %q on %s: %s, want %s", c.scopes, c.patient, c.typ, got, c.want)
		}
	}
}

// TestAScopeSaysNotOfNoParameterOfATenant: rows that are not made yet would let everything pass.
func TestAScopeSaysNotOfNoParameterOfATenant(t *testing.T) {
	set := r4.NewParamSet([]r4.Param{{ID: r4.FirstCustomParam + 1, Code: "ward", Type: "token", Bases: []string{"Encounter"}, Expression: "Encounter.class"}})
	for text, want := range map[string]bool{"user/Encounter.rs?ward=1": true, "user/Encounter.rs?ward:not=1": false, "user/Encounter.rs?class:not=1": true} {
		p := Principal{Scopes: scopes(t, text)}
		if _, err := (&Book{}).Decide(&p, Search, "Encounter", set, 1); (err == nil) != want {
			t.Errorf("%s: %v", text, err)
		}
	}
}

func TestRolesNarrowWhatScopesAllow(t *testing.T) {
	for _, c := range []struct{ permission, person, typ, want string }{
		{"* read all", "", "Observation", "all"},
		{"* write all", "", "Observation", "nothing"},
		{"Patient read all", "", "Observation", "nothing"},
		{"* read own", "", "Observation", "nothing"},
		{"* read own", "Practitioner/1", "Observation", "in Practitioner/1"},
		{"* read own", "Practitioner/1", "Location", "nothing"},
		{"* read department", "Practitioner/1", "Encounter", "any(in Practitioner/1 service-provider=d)"},
		{"* read department", "Practitioner/1", "Observation", "any(in Practitioner/1 encounter->(service-provider=d))"},
		{"* read organization", "", "Patient", "any(organization=d organization=o)"},
		{"* read organization", "", "Organization", "any(_id=d _id=o)"},
		{"* read organization", "", "Medication", "nothing"},
		{"* write own", "Patient/7", "Observation", "in Patient/7"},
		{"* delete own", "Patient/7", "Observation", "in Patient/7"},
	} {
		w := strings.Fields(c.permission)
		p := Principal{Scopes: scopes(t, "user/*.rs"), Roles: NewRoles(permission(t, w[0], w[1], w[2])), Person: c.person, Department: "d", Organization: "o"}
		if got := decided(t, p, Search, c.typ); got != c.want {
			t.Errorf("%s of %q on %s: %s, want %s", c.permission, c.person, c.typ, got, c.want)
		}
	}
	p := Principal{Scopes: scopes(t, "patient/Observation.rs"), Patient: "7", Roles: NewRoles(permission(t, "*", "read", "own")), Person: "Practitioner/1"}
	if got := decided(t, p, Read, "Observation"); got != "in Patient/7 in Practitioner/1" {
		t.Error(got)
	}
}

// TestEveryPlaceIsAParameter: what says to which organization a resource belongs, for each type that says it.
func TestEveryPlaceIsAParameter(t *testing.T) {
	silent := []string{}
	for _, typ := range r4.Resources() {
		if place(typ) != place("") && belongs(typ, "o", nil) == nil {
			t.Errorf("%s has no parameter %s for an organization", typ, place(typ))
		}
		if _, ok := r4.FindParam(typ, "encounter"); ok && belongs(typ, "o", nil) == nil {
			silent = append(silent, typ)
		}
	}
	if len(silent) > 0 {
		t.Error("these have an encounter, which is not asked:", silent)
	}
}

func TestLabelsNarrow(t *testing.T) {
	for clearance, want := range map[string]string{
		"":  "all",
		"V": "none(all(_security= none(_security=TREAT)))",
		"N": "none(_security=R,V all(_security= none(_security=TREAT)))",
		"X": "none(_security=U,L,M,N,R,V all(_security= none(_security=TREAT)))",
	} {
		p := Principal{Scopes: scopes(t, "user/*.rs"), Clearance: clearance, Purpose: "TREAT"}
		if got := decided(t, p, Search, "Observation"); got != want {
			t.Errorf("%q: %s, want %s", clearance, got, want)
		}
	}
}

func TestMasks(t *testing.T) {
	for _, c := range [][3]string{{"Patient", "nothing", "hide"}, {"Nothing", "name", "hide"}, {"Observation", "code", "hide"}, {"Patient", "meta", "keep"}, {"Patient", "name", "show"}} {
		if _, err := ParseMask(c[0], c[1], c[2]); !fault.Is(err, fault.Invalid) {
			t.Errorf("%v: %v", c, err)
		}
	}
	hide, err := ParseMask("Observation", "valueQuantity", "hide")
	if err != nil {
		t.Fatal(err)
	}
	p := Principal{Scopes: scopes(t, "user/*.rs"), Roles: NewRoles(permission(t, "*", "read", "all")).Masked(hide)}
	n, err := (&Book{}).Decide(&p, Search, "Observation", nil, 0)
	if err != nil || !n.All || !slices.Equal(n.Hide, []string{"value"}) {
		t.Fatalf("%+v %v", n, err)
	}
	for code, want := range map[string]bool{
		"value-quantity": true, "value-concept": true, "combo-value-quantity": true, "code-value-quantity": true, "_text": true, "_content": true,
		"code": false, "_id": false, "_lastUpdated": false, "_tag": false, "status": false, "subject": false,
	} {
		param, ok := r4.FindParam("Observation", code)
		if !ok {
			param = r4.Param{Code: code}
		}
		if got := n.Hides("Observation", param); got != want {
			t.Errorf("%s: %v", code, got)
		}
	}
}

// TestADecisionIsMadeForOneCaller: no two that may see something else share one.
func TestADecisionIsMadeForOneCaller(t *testing.T) {
	var b Book
	plain := Principal{Tenant: 1, Scopes: scopes(t, "patient/*.rs"), Patient: "7"}
	others := []func(*Principal){
		func(*Principal) {}, func(p *Principal) { p.Patient = "8" }, func(p *Principal) { p.Tenant = 2 },
		func(p *Principal) { p.Scopes = scopes(t, "patient/*.rs?_tag=x") },
		func(p *Principal) { p.Roles = NewRoles(permission(t, "*", "read", "own")); p.Person = "Practitioner/1" },
		func(p *Principal) { p.Clearance = "N" }, func(p *Principal) { p.Clearance, p.Purpose = "N", "TREAT" },
	}
	seen := map[string]bool{}
	for range 2 {
		for i, change := range others {
			p := plain
			change(&p)
			n, err := b.Decide(&p, Search, "Observation", nil, 0)
			if err != nil {
				t.Fatal(i, err)
			}
			if got := said(n.Where); got != decided(t, p, Search, "Observation") {
				t.Errorf("%d: %s", i, got)
			}
			seen[p.Print()+fmt.Sprint(p.Tenant)] = true
		}
	}
	if len(seen) != len(others) {
		t.Errorf("%d of %d can be told apart", len(seen), len(others))
	}
}

func TestABookForgets(t *testing.T) {
	var b Book
	p := Principal{Scopes: scopes(t, "patient/*.rs"), Patient: "7"}
	for i := range 3 * maxYoung {
		if _, err := b.Decide(&p, Search, "Patient", nil, int64(i)); err != nil {
			t.Fatal(err)
		}
	}
	if n := len(b.young) + len(b.old); n > 2*maxYoung {
		t.Errorf("%d are remembered", n)
	}
}

// BenchmarkDecide measures a decision: of one whom nothing narrows, one that is remembered, and one that is made. p99 is of single
// decisions, in microseconds.
func BenchmarkDecide(b *testing.B) {
	narrow := Principal{Tenant: 1, Scopes: scopes(b, "patient/Observation.rs?category=laboratory patient/Patient.rs user/Encounter.rs"), Patient: "7",
		Roles: NewRoles(permission(b, "*", "read", "department")), Person: "Practitioner/1", Department: "d", Clearance: "N", Purpose: "TREAT"}
	whole := Principal{Tenant: 1, Scopes: scopes(b, "system/*.rs")}
	for name, c := range map[string]struct {
		p    Principal
		anew bool
	}{"whole": {whole, false}, "remembered": {narrow, false}, "made": {narrow, true}} {
		b.Run(name, func(b *testing.B) {
			var book Book
			took := make([]time.Duration, 0, b.N)
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				edition := int64(0)
				if c.anew {
					edition = int64(i)
				}
				from := time.Now()
				if _, err := book.Decide(&c.p, Search, "Observation", nil, edition); err != nil {
					b.Fatal(err)
				}
				took = append(took, time.Since(from))
			}
			slices.Sort(took)
			b.ReportMetric(float64(took[len(took)*99/100].Nanoseconds())/1000, "p99-µs")
		})
	}
}
