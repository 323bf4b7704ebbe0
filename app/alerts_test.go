package app

import (
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/ficushealth/ficus/care/accounts"
	"github.com/ficushealth/ficus/engine/access"
	"github.com/ficushealth/ficus/engine/alert"
	"github.com/ficushealth/ficus/engine/audit"
	"github.com/ficushealth/ficus/engine/db"
	"github.com/ficushealth/ficus/engine/db/dbtest"
	"github.com/ficushealth/ficus/engine/outbox"
	"github.com/ficushealth/ficus/event"
	"github.com/ficushealth/ficus/fhir"
)

// TestWhatIsToldOfReads: a user reads his namesake, a patient whom everybody knows, and more patients than the tenant allows.
func TestWhatIsToldOfReads(t *testing.T) {
	dbtest.BothURLs(t, func(t *testing.T, url string) {
		a := opened(t, Config{Database: Database{DB: url}})
		ctx := t.Context()
		by := access.Inside(accounts.First, "test")
		for name, value := range map[string]string{accounts.AlertPatients: "3"} {
			if err := a.Accounts.Choose(ctx, by, name, value); err != nil {
				t.Fatal(err)
			}
		}
		for _, text := range []string{`{"resourceType":"Patient","id":"a","name":[{"family":"Meier"}]}`, `{"resourceType":"Patient","id":"b","meta":{"security":[{"system":"http://terminology.hl7.org/CodeSystem/v3-ActCode","code":"CEL"}]}}`,
			`{"resourceType":"Patient","id":"c","active":true}`} {
			r, err := fhir.Parse([]byte(text), fhir.Limits{})
			if err != nil {
				t.Fatal(err)
			}
			if _, err := a.Store.As(by).Update(ctx, r); err != nil {
				t.Fatal(err)
			}
		}
		watcher := a.watcher()
		if err := watcher.Pass(ctx); err != nil {
			t.Fatal(err)
		}
		scopes, err := access.ParseScopes("user/*.rs")
		if err != nil {
			t.Fatal(err)
		}
		reader := a.Store.As(access.Principal{Tenant: accounts.First, Subject: "user/one", Name: "Dr. Meier", Scopes: scopes})
		for _, id := range []string{"a", "b", "c"} {
			if _, err := reader.Read(ctx, "Patient", id); err != nil {
				t.Fatal(err)
			}
		}
		sealer := audit.NewSealer(a.DB, auditKeys(a.Vault), audit.SealOptions{})
		defer sealer.Close()
		if _, err := sealer.Seal(ctx); err != nil {
			t.Fatal(err)
		}
		if err := watcher.Pass(ctx); err != nil {
			t.Fatal(err)
		}
		var got []string
		err = a.DB.Read(ctx, func(tx db.Tx) error {
			return outbox.Scan(ctx, tx, accounts.First, func(e event.Event) error {
				if e.Name == alert.Alerted {
					got = append(got, strings.SplitN(e.ID, ".", 2)[0])
					if strings.Contains(string(e.Payload), "Meier") {
						t.Errorf("a name is in the event: %s", e.Payload)
					}
				}
				return nil
			})
		})
		slices.Sort(got)
		if want := []string{"labelled", "many-patients", "own-family-name"}; err != nil || !slices.Equal(got, want) {
			t.Errorf("%q, want %q (%v)", got, want, err)
		}
	})
}

// TestRulesAreATenantsChoice: hours of work and the number of patients.
func TestRulesAreATenantsChoice(t *testing.T) {
	a := opened(t, Config{Database: Database{DB: dbtest.SQLiteURL(t)}})
	names := func() (list []string) {
		rules, err := a.alertRules(context.Background(), accounts.First)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range rules {
			list = append(list, r.Name)
		}
		return list
	}
	if got := names(); !slices.Contains(got, "many-patients") || slices.Contains(got, "after-hours") {
		t.Errorf("by default: %q", got)
	}
	by := access.Inside(accounts.First, "test")
	for name, value := range map[string]string{accounts.AlertPatients: accounts.Off, accounts.AlertHours: "07-19"} {
		if err := a.Accounts.Choose(t.Context(), by, name, value); err != nil {
			t.Fatal(err)
		}
	}
	if got := names(); slices.Contains(got, "many-patients") || !slices.Contains(got, "after-hours") {
		t.Errorf("chosen: %q", got)
	}
}
