package store_test

import (
	"fmt"
	"slices"
	"strconv"
	"testing"

	"github.com/ficushealth/ficus/engine/access"
	"github.com/ficushealth/ficus/engine/audit"
	"github.com/ficushealth/ficus/engine/db/dbtest"
	"github.com/ficushealth/ficus/engine/store"
	"github.com/ficushealth/ficus/fault"
	"github.com/ficushealth/ficus/fhir"
	"github.com/ficushealth/ficus/fhir/patch"
	"github.com/ficushealth/ficus/fhir/search"
)

// TestALookAtWhatIsHiddenIsOnRecordAsRefused, though the caller is told the same as of what is not there.
func TestALookAtWhatIsHiddenIsOnRecordAsRefused(t *testing.T) {
	d := dbtest.SQLite(t)
	s := openOn(t, d, store.Options{})
	ctx := t.Context()
	resource := func(text string) fhir.Resource {
		r, err := fhir.Parse([]byte(text), fhir.Limits{})
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	if _, err := s.As(everything(t)).Update(ctx, resource(`{"resourceType":"Patient","id":"hidden"}`)); err != nil {
		t.Fatal(err)
	}
	scopes, err := access.ParseScopes("patient/*.cruds")
	if err != nil {
		t.Fatal(err)
	}
	desk := s.As(access.Principal{Tenant: 1, Subject: "user/part", Scopes: scopes, Patient: "own"})
	p, err := patch.Read(patch.MediaJSON, []byte(`[]`))
	if err != nil {
		t.Fatal(err)
	}
	for _, id := range []string{"hidden", "none"} {
		for what, call := range map[string]func() error{
			"read":       func() error { _, err := desk.Read(ctx, "Patient", id); return err },
			"vread":      func() error { _, err := desk.VRead(ctx, "Patient", id, "1"); return err },
			"history":    func() error { _, err := desk.History(ctx, store.HistoryQuery{Type: "Patient", ID: id}); return err },
			"everything": func() error { _, err := desk.Everything(ctx, store.Everything{Type: "Patient", ID: id}); return err },
			"update": func() error {
				_, err := desk.Update(ctx, resource(`{"resourceType":"Patient","id":"`+id+`"}`))
				return err
			},
			"patch": func() error { _, err := desk.Patch(ctx, "Patient", id, p); return err },
		} {
			if err := call(); !fault.Is(err, fault.Unknown) {
				t.Errorf("%s of %s: %v", what, id, err)
			}
		}
		if _, err := desk.Delete(ctx, "Patient", id); err != nil {
			t.Error(err)
		}
	}
	var got []string
	for e, err := range audit.Read(ctx, d, 1, audit.Filter{}) {
		if err != nil {
			t.Fatal(err)
		}
		if len(e.Things) > 0 && e.Subject == "user/part" {
			got = append(got, fmt.Sprint(e.Action, " ", e.Outcome, " ", e.Things[0].ID))
		}
	}
	for _, want := range []string{"read refused hidden", "vread refused hidden", "history refused hidden", "everything refused hidden", "delete refused hidden",
		"read failed none", "vread failed none", "history failed none", "everything failed none", "write refused "} {
		if !slices.Contains(got, want) {
			t.Errorf("no %q in %q", want, got)
		}
	}
	if n := len(slices.DeleteFunc(got, func(s string) bool { return s != "write refused " })); n != 2 {
		t.Errorf("%d refused writes are on record, want those of the update and the patch", n)
	}
}

// TestTooManyReferrersOfOthers: what a caller does not see must not make a page of his too large.
func TestTooManyReferrersOfOthers(t *testing.T) {
	s := openOn(t, dbtest.SQLite(t), store.Options{})
	ctx, all := t.Context(), s.As(everything(t))
	err := all.Write(ctx, func(c *store.Change) error {
		for _, text := range []string{`{"resourceType":"Organization","id":"o"}`, `{"resourceType":"Patient","id":"own","managingOrganization":{"reference":"Organization/o"}}`} {
			r, err := fhir.Parse([]byte(text), fhir.Limits{})
			if err != nil {
				return err
			}
			c.Update(r)
		}
		return nil
	})
	for i := 0; i < 11 && err == nil; i++ {
		err = all.Write(ctx, func(c *store.Change) error {
			for n := range 1000 {
				r, err := fhir.Parse([]byte(`{"resourceType":"Patient","id":"p`+strconv.Itoa(1000*i+n)+`","managingOrganization":{"reference":"Organization/o"}}`), fhir.Limits{})
				if err != nil {
					return err
				}
				c.Update(r)
			}
			return nil
		})
	}
	if err != nil {
		t.Fatal(err)
	}
	scopes, err := access.ParseScopes("patient/Patient.rs user/Organization.rs")
	if err != nil {
		t.Fatal(err)
	}
	q := search.Query{Type: "Organization", Count: -1, Includes: []search.Include{{Reverse: true, Source: "Patient", Code: "organization"}}}
	if _, err := all.Search(ctx, q); !fault.Is(err, fault.Invalid) {
		t.Errorf("all of them: %v", err)
	}
	page, err := s.As(access.Principal{Tenant: 1, Subject: "user/part", Scopes: scopes, Patient: "own"}).Search(ctx, q)
	if err != nil || len(page.Included) != 1 {
		t.Error(len(page.Included), err)
	}
}
