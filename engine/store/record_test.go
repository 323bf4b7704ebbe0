package store_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/ficushealth/ficus/engine/access"
	"github.com/ficushealth/ficus/engine/audit"
	"github.com/ficushealth/ficus/engine/db/dbtest"
	"github.com/ficushealth/ficus/engine/store"
	"github.com/ficushealth/ficus/engine/store/storetest"
	"github.com/ficushealth/ficus/fault"
	"github.com/ficushealth/ficus/fhir"
)

// TestWhatIsShownAndWhatIsMissedIsOnRecord looks for things that are not there, and is shown one by a conditional create.
func TestWhatIsShownAndWhatIsMissedIsOnRecord(t *testing.T) {
	d := dbtest.SQLite(t)
	v, l := storetest.Keys(t, d)
	s, err := store.Open(t.Context(), d, store.Options{Vault: v, Audit: l})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	scopes, err := access.ParseScopes("system/*.cruds")
	if err != nil {
		t.Fatal(err)
	}
	desk := s.As(access.Principal{Tenant: 1, Subject: "x", Scopes: scopes})
	patient := func(id, gender string) fhir.Resource {
		r, err := fhir.Parse([]byte(`{"resourceType":"Patient"`+id+`,"gender":"`+gender+`","identifier":[{"system":"s","value":"1"}]}`), fhir.Limits{})
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	for _, gender := range []string{"male", "female"} {
		if _, err := desk.Update(t.Context(), patient(`,"id":"a"`, gender)); err != nil {
			t.Fatal(err)
		}
	}
	if r, err := desk.Create(t.Context(), patient("", "male"), store.IfNoneExist("identifier=s|1")); err != nil || r.Number != 2 {
		t.Fatal(r.Number, err)
	}
	if _, err := desk.Read(t.Context(), "Patient", "nobody"); !fault.Is(err, fault.Unknown) {
		t.Error(err)
	}
	if _, err := desk.VRead(t.Context(), "Patient", "a", "9"); !fault.Is(err, fault.Unknown) {
		t.Error(err)
	}
	if _, err := desk.History(t.Context(), store.HistoryQuery{Type: "Patient", ID: "no id at all"}); !fault.Is(err, fault.Unknown) {
		t.Error(err)
	}
	var got []string
	for e, err := range audit.Read(t.Context(), d, 1, audit.Filter{}) {
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, fmt.Sprintf("%s %s %s/%d", e.Action, e.Outcome, e.Things[0].ID, e.Things[0].Version))
	}
	for _, want := range []string{"read success a/2", "read failed nobody/0", "vread failed a/0", "history failed /0"} {
		if !slices.Contains(got, want) {
			t.Errorf("no %q in %q", want, got)
		}
	}
}
