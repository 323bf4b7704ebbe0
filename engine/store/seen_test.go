package store_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/ficushealth/ficus/engine/access"
	"github.com/ficushealth/ficus/engine/audit"
	"github.com/ficushealth/ficus/engine/db"
	"github.com/ficushealth/ficus/engine/db/dbtest"
	"github.com/ficushealth/ficus/engine/store"
	"github.com/ficushealth/ficus/fault"
	"github.com/ficushealth/ficus/fhir"
	"github.com/ficushealth/ficus/fhir/search"
)

// TestEntriesNamePatientsAndCaller: who is mentioned in what was seen or changed, before and after, however the reference is
// written; and all that is known of the caller.
func TestEntriesNamePatientsAndCaller(t *testing.T) {
	dbtest.Both(t, func(t *testing.T, d *db.DB) {
		p := everything(t)
		p.Name, p.Grant, p.Agent, p.Purpose = "Dr. One", "session-1", "console/2", "TREAT"
		desk := openOn(t, d, store.Options{Base: "https://own.test/fhir", DanglingReferences: true}).As(p)
		ctx := t.Context()
		put := func(text string) {
			t.Helper()
			r, err := fhir.Parse([]byte(text), fhir.Limits{})
			if err != nil {
				t.Fatal(err)
			}
			if _, err := desk.Update(ctx, r); err != nil {
				t.Fatal(err)
			}
		}
		basic := func(id, reference string) {
			t.Helper()
			put(`{"resourceType":"Basic","id":"` + id + `","code":{"text":"x"},"subject":{"reference":"` + reference + `"}}`)
		}
		basic("one", "Patient/a")
		basic("one", "Patient/b") // from a to b
		basic("own", "https://own.test/fhir/Patient/c")
		basic("far", "https://other.test/fhir/Patient/not-ours")
		basic("sly", `Patient\u002fd`)
		basic("old", "Patient/e/_history/1")
		if _, err := desk.Read(ctx, "Basic", "own"); err != nil {
			t.Fatal(err)
		}
		if _, err := desk.Search(ctx, search.Query{Type: "Basic", Count: -1}); err != nil {
			t.Fatal(err)
		}
		if _, err := desk.History(ctx, store.HistoryQuery{Type: "Basic", ID: "one"}); err != nil {
			t.Fatal(err)
		}
		if _, err := desk.Delete(ctx, "Basic", "sly"); err != nil {
			t.Fatal(err)
		}
		if _, err := desk.Read(ctx, "Patient", "nobody"); !fault.Is(err, fault.Unknown) {
			t.Error(err)
		}
		var got []string
		for e, err := range audit.Read(ctx, d, 1, audit.Filter{}) {
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, e.Action+" "+strings.Join(e.Patients, ","))
			if e.Name != p.Name || e.Session != p.Grant || e.Agent != p.Agent || e.Purpose != p.Purpose {
				t.Errorf("%+v", e)
			}
		}
		want := []string{"create a", "update a,b", "create c", "create ", "create d", "create e", "read c", "search b,c,d,e", "history a,b", "delete d", "read nobody"}
		if !slices.Equal(got, want) {
			t.Errorf("got %q", got)
		}
	})
}

// TestARefusalSaysWhy: the reason stands in its entry.
func TestARefusalSaysWhy(t *testing.T) {
	d := dbtest.SQLite(t)
	desk := openOn(t, d, store.Options{}).As(access.Principal{Tenant: 1, Subject: "x"})
	_, refused := desk.Read(t.Context(), "Patient", "a")
	for e, err := range audit.Read(t.Context(), d, 1, audit.Filter{}) {
		if err != nil || e.Reason == "" || refused == nil || !strings.Contains(refused.Error(), e.Reason) || fmt.Sprint(e.Patients) != "[a]" {
			t.Errorf("%+v %v", e, err)
		}
	}
}

// BenchmarkPatientsIn is what it costs to find out whom an observation of Synthea's size is about.
func BenchmarkPatientsIn(b *testing.B) {
	body := []byte(`{"resourceType":"Observation","id":"o","text":{"div":"` + strings.Repeat("x", 600) + `"},"subject":{"reference":"Patient/0198a3b2-7c1d-7e33-9d4f-8a5b6c7d8e9f"},"encounter":{"reference":"Encounter/1"},"note":[{"text":"` +
		strings.Repeat("Some words of a Person. ", 30) + `"}]}`)
	for b.Loop() {
		store.PatientsIn(body)
	}
}
