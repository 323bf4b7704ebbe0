package operation

import (
	"context"
	"fmt"
	"slices"
	"testing"

	"github.com/ficushealth/ficus/engine/access"
	"github.com/ficushealth/ficus/engine/audit"
	"github.com/ficushealth/ficus/engine/db/dbtest"
	"github.com/ficushealth/ficus/engine/store"
	"github.com/ficushealth/ficus/engine/store/storetest"
	"github.com/ficushealth/ficus/fault"
)

// TestACallNeedsItsRightAndIsOnRecord, refused ones too; a call that failed is on record where it failed.
func TestACallNeedsItsRightAndIsOnRecord(t *testing.T) {
	d := dbtest.SQLite(t)
	v, l := storetest.Keys(t, d)
	s, err := store.Open(t.Context(), d, store.Options{Vault: v, Audit: l})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	scopes, err := access.ParseScopes("system/Patient.r")
	if err != nil {
		t.Fatal(err)
	}
	desk := s.As(access.Principal{Tenant: 1, Subject: "x", Scopes: scopes})
	called := 0
	call := func(code string, right access.Op, err error) error {
		o := Operation{Code: code, Right: right, Do: func(context.Context, *store.Desk, Call) (Answer, error) {
			called++
			return Answer{}, err
		}}
		_, err = o.Perform(t.Context(), desk, Call{Type: "Patient", ID: "p"})
		return err
	}
	if err := call("look", access.Read, nil); err != nil {
		t.Error(err)
	}
	if err := call("change", access.Update, nil); !fault.Is(err, fault.Forbidden) || called != 1 {
		t.Errorf("called %d times, %v", called, err)
	}
	if err := call("break", access.Read, fault.New(fault.Conflict, "no")); !fault.Is(err, fault.Conflict) {
		t.Error(err)
	}
	var got []string
	for e, err := range audit.Read(t.Context(), d, 1, audit.Filter{}) {
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, fmt.Sprintf("%s %s %s/%s", e.Action, e.Outcome, e.Things[0].Type, e.Things[0].ID))
	}
	slices.Sort(got)
	if want := []string{"$change refused Patient/p", "$look success Patient/p"}; !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
}
