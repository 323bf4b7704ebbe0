package care

import (
	"context"
	"strings"
	"testing"

	"github.com/ficushealth/ficus/engine/jobs"
	"github.com/ficushealth/ficus/engine/operation"
	"github.com/ficushealth/ficus/engine/outbox"
	"github.com/ficushealth/ficus/engine/store"
	"github.com/ficushealth/ficus/fault"
)

func allow(context.Context, store.Draft) error { return nil }

func TestModulesThatDoNotFitTogether(t *testing.T) {
	one := Module{
		Name: "one", Owns: []Owned{{Type: "Patient", Rule: allow}, {Type: "Basic"}},
		Hears: []outbox.Handler{{Name: "one.mail"}}, Takes: []store.RecordSink{NewSink(Table{Name: "one.Note"}, nil)},
		Jobs: []jobs.Kind{{Name: "one.expire"}}, Offers: operation.List{{Code: "match", Types: []string{"Patient"}}},
	}
	if err := (Modules{one, {Name: "two"}}).Check(); err != nil {
		t.Errorf("they fit: %v", err)
	}
	for want, other := range map[string]Module{
		`the module "one" has two owners`:                 {Name: "one"},
		`the resource type "Patient" has two owners`:      {Name: "two", Owns: []Owned{{Type: "Patient"}}},
		`the operation "Patient/$match" has two owners`:   {Name: "two", Offers: operation.List{{Code: "match", Types: []string{"Patient", "Person"}}}},
		`the event handler "one.mail" of the module two`:  {Name: "two", Hears: []outbox.Handler{{Name: "one.mail"}}},
		`the event handler "two.mail" has two owners`:     {Name: "two", Hears: []outbox.Handler{{Name: "two.mail"}, {Name: "two.mail"}}},
		`the record "one.Note" of the module two`:         {Name: "two", Takes: one.Takes},
		`the kind of job "expire" of the module two`:      {Name: "two", Jobs: []jobs.Kind{{Name: "expire"}}},
		`a module of the module "" has no name`:           {},
		`a resource type of the module "two" has no name`: {Name: "two", Owns: []Owned{{}}},
	} {
		err := Modules{one, other}.Check()
		if !fault.Is(err, fault.Internal) || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %s", err, want)
		}
	}
}

func TestWhatAllModulesBring(t *testing.T) {
	ms := Modules{
		{Name: "one", Owns: []Owned{{Type: "Patient", Rule: allow}, {Type: "Basic"}}, Hears: []outbox.Handler{{Name: "one.mail"}}},
		{Name: "two", Takes: []store.RecordSink{NewSink(Table{Name: "two.Note"}, nil)}, Jobs: []jobs.Kind{{Name: "two.expire"}}},
	}
	rules := ms.Rules()
	if len(rules) != 1 || rules["Patient"] == nil {
		t.Errorf("rules %v", rules)
	}
	if hs, sinks, kinds := ms.Handlers(), ms.Sinks(), ms.Kinds(); len(hs) != 1 || sinks["two.Note"] == nil || len(kinds) != 1 {
		t.Errorf("handlers %v, sinks %v, kinds %v", hs, sinks, kinds)
	}
}

// TestPlacesAreKeyed: which hash stands for a field can be told by nobody who does not have the tenant's key.
func TestPlacesAreKeyed(t *testing.T) {
	one, other := &box{tenant: 1, table: "m.T"}, &box{tenant: 1, table: "m.T", places: [32]byte{1}}
	if mine := one.place("a", "f"); mine != one.place("a", "f") || mine == other.place("a", "f") {
		t.Error("a place is not that of its key")
	}
	seen := map[int64]bool{}
	for _, p := range [][2]string{{"a", "f"}, {"a\x00f", "f"}, {"a", "g"}, {"b", "f"}, {"af", ""}} {
		seen[one.place(p[0], p[1]).RID] = true
	}
	if len(seen) != 5 {
		t.Errorf("%d places for 5 fields", len(seen))
	}
}
