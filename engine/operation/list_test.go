package operation

import (
	"context"
	"strings"
	"testing"

	"github.com/ficushealth/ficus/engine/store"
)

func do(context.Context, *store.Desk, Call) (Answer, error) { return Answer{}, nil }

// TestCheck: what cannot be served as declared, or is offered twice.
func TestCheck(t *testing.T) {
	base := Operation{Code: "a", Definition: "x", On: OnInstance, Types: []string{"Patient"}, Do: do}
	change := func(f func(*Operation)) Operation {
		o := base
		f(&o)
		return o
	}
	for want, other := range map[string]Operation{
		"":                   change(func(o *Operation) { o.Types = []string{"Observation"} }),
		"has no code":        change(func(o *Operation) { o.Code = "" }),
		"has no definition":  change(func(o *Operation) { o.Code, o.Definition = "b", "" }),
		"cannot be called":   change(func(o *Operation) { o.Code, o.Do = "b", nil }),
		"names no type":      change(func(o *Operation) { o.Code, o.Types = "b", nil }),
		"that R4 does not":   change(func(o *Operation) { o.Code, o.Types = "b", []string{"Patients"} }),
		"is offered twice":   base,
		"$a is offered":      change(func(o *Operation) { o.Types = []string{"Resource"} }),
		"operation $a is of": change(func(o *Operation) { o.Types = []string{"Observation", "Patient"} }),
	} {
		err := List{base, other}.Check()
		if (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
	if err := (List{base, change(func(o *Operation) { o.On = OnType })}).Check(); err != nil {
		t.Errorf("one code on two levels: %v", err)
	}
}

// TestFind: an operation is found on its level and of its type alone.
func TestFind(t *testing.T) {
	l := List{
		{Code: "a", On: OnInstance | OnType, Types: []string{"Patient"}, Definition: "1"},
		{Code: "a", On: OnInstance, Types: []string{"Encounter"}, Definition: "2"},
		{Code: "b", On: OnSystem | OnInstance, Types: []string{"Resource"}, Definition: "3"},
		{Code: "c", On: OnSystem, Definition: "4"},
	}
	for _, c := range []struct {
		code string
		at   Level
		typ  string
		want string
	}{
		{"a", OnInstance, "Patient", "1"}, {"a", OnType, "Patient", "1"}, {"a", OnInstance, "Encounter", "2"}, {"a", OnType, "Encounter", ""},
		{"a", OnSystem, "", ""}, {"b", OnSystem, "", "3"}, {"b", OnInstance, "Basic", "3"}, {"b", OnType, "Basic", ""}, {"c", OnSystem, "", "4"},
		{"c", OnInstance, "Patient", ""}, {"d", OnSystem, "", ""},
	} {
		if o, found := l.Find(c.code, c.at, c.typ); o.Definition != c.want || found != (c.want != "") {
			t.Errorf("%+v: %q", c, o.Definition)
		}
	}
	if got := strings.Join(l.Codes(OnInstance), " "); got != "a b" {
		t.Error(got)
	}
	if n := len(l.Of("Patient")); n != 2 {
		t.Errorf("%d operations of a patient", n)
	}
	if n := len(l.Of("")); n != 2 {
		t.Errorf("%d operations of the server", n)
	}
}
