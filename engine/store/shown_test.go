package store_test

import (
	"fmt"
	"iter"
	"slices"
	"testing"

	"github.com/ficushealth/ficus/engine/audit"
	"github.com/ficushealth/ficus/engine/db"
	"github.com/ficushealth/ficus/engine/db/dbtest"
	"github.com/ficushealth/ficus/engine/store"
	"github.com/ficushealth/ficus/fault"
	"github.com/ficushealth/ficus/fhir"
	"github.com/ficushealth/ficus/fhir/search"
)

// TestWhatAResultBringsAlongIsOnRecord: included resources, the owner of a compartment, what $everything and a choice show.
func TestWhatAResultBringsAlongIsOnRecord(t *testing.T) {
	d := dbtest.SQLite(t)
	desk := openOn(t, d, store.Options{}).As(everything(t))
	for _, text := range []string{`{"resourceType":"Patient","id":"p"}`, `{"resourceType":"Basic","id":"b","code":{"text":"x"},"subject":{"reference":"Patient/p"}}`} {
		r, err := fhir.Parse([]byte(text), fhir.Limits{})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := desk.Update(t.Context(), r); err != nil {
			t.Fatal(err)
		}
	}
	ctx := t.Context()
	must := func(_ any, err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	must(desk.Search(ctx, search.Query{Type: "Basic", Count: -1, Includes: []search.Include{{Source: "Basic", Code: "subject"}}}))
	must(desk.Search(ctx, search.Query{Type: "Basic", Count: -1, Compartment: search.Compartment{Type: "Patient", ID: "nobody"}}))
	must(desk.Everything(ctx, store.Everything{Type: "Patient", ID: "p"}))
	must(desk.Choose(ctx, search.Query{Type: "Basic", Count: -1}, func(all iter.Seq2[store.Version, error]) ([]store.Version, error) { return nil, nil }))
	if _, err := desk.Everything(ctx, store.Everything{Type: "Patient", ID: "nobody"}); !fault.Is(err, fault.Unknown) {
		t.Error(err)
	}
	must(desk.Delete(ctx, "Basic", "b"))
	must(desk.Delete(ctx, "Patient", "p"))
	if _, err := desk.Everything(ctx, store.Everything{Type: "Patient", ID: "p"}); !fault.Is(err, fault.Gone) {
		t.Error(err)
	}
	var got []string
	for e, err := range audit.Read(ctx, d, 1, audit.Filter{}) {
		if err != nil {
			t.Fatal(err)
		}
		line := e.Action + " " + e.Outcome
		for _, x := range e.Things {
			line += fmt.Sprintf(" %s/%s/%d", x.Type, x.ID, x.Version)
		}
		got = append(got, line)
	}
	for _, want := range []string{
		"search success Basic//0 Basic/b/1 Patient/p/1",
		"search success Basic//0 Patient/nobody/0",
		"everything success Patient/p/0 Patient/p/1 Basic/b/1",
		"search success Basic//0",
		"everything failed Patient/nobody/0",
		"everything success Patient/p/2",
	} {
		if !slices.Contains(got, want) {
			t.Errorf("no %q in %q", want, got)
		}
	}
}

// TestAVeilIsLiftedByItsOwnerAlone at the place where it was laid.
func TestAVeilIsLiftedByItsOwnerAlone(t *testing.T) {
	d := dbtest.Open(t, dbtest.SQLiteURL(t), db.Options{})
	s := openOn(t, d, store.Options{})
	p := everything(t)
	desk := s.As(p)
	text, err := desk.Veil(t.Context(), "/fhir/Patient", "family=x")
	if err != nil {
		t.Fatal(err)
	}
	again, err := desk.Veil(t.Context(), "/fhir/Patient", "family=x")
	if err != nil || again == text {
		t.Errorf("one text has one veil: %v", err)
	}
	if query, err := desk.Unveil(t.Context(), "/fhir/Patient", text); err != nil || query != "family=x" {
		t.Errorf("%q %v", query, err)
	}
	other, elsewhere := p, p
	other.Subject, elsewhere.Tenant = "client/other", 2
	for what, try := range map[string]func() (string, error){
		"another place":  func() (string, error) { return desk.Unveil(t.Context(), "/fhir/Basic", text) },
		"another caller": func() (string, error) { return s.As(other).Unveil(t.Context(), "/fhir/Patient", text) },
		"another tenant": func() (string, error) { return s.As(elsewhere).Unveil(t.Context(), "/fhir/Patient", text) },
		"nothing":        func() (string, error) { return desk.Unveil(t.Context(), "/fhir/Patient", "") },
		"no base64":      func() (string, error) { return desk.Unveil(t.Context(), "/fhir/Patient", "!"+text) },
		"a cut":          func() (string, error) { return desk.Unveil(t.Context(), "/fhir/Patient", text[:len(text)-8]) },
		"a change":       func() (string, error) { return desk.Unveil(t.Context(), "/fhir/Patient", text[:20]+"AAAA"+text[24:]) },
	} {
		if _, err := try(); !fault.Is(err, fault.Invalid) {
			t.Errorf("%s: %v", what, err)
		}
	}
}
