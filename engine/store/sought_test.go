package store_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/ficushealth/ficus/engine/db"
	"github.com/ficushealth/ficus/engine/db/dbtest"
	"github.com/ficushealth/ficus/engine/store"
	"github.com/ficushealth/ficus/engine/store/storetest"
	"github.com/ficushealth/ficus/fault"
	"github.com/ficushealth/ficus/fhir"
)

// writingTerms is a terminology that puts on record what it is asked, as that of the server does.
type writingTerms struct {
	desk  *store.Desk
	asked int
}

func (w *writingTerms) list(ctx context.Context) ([]store.Code, error) {
	ctx, cancel := context.WithTimeout(ctx, 3*time.Second)
	defer cancel()
	w.asked++
	r, err := fhir.Parse([]byte(`{"resourceType":"Basic","id":"record"}`), fhir.Limits{})
	if err == nil {
		_, err = w.desk.Update(ctx, r)
	}
	return []store.Code{{System: "http://hl7.org/fhir/administrative-gender", Code: "male"}}, err
}

func (w *writingTerms) Expand(ctx context.Context, _ int32, _ string, _ int) ([]store.Code, error) {
	return w.list(ctx)
}

func (w *writingTerms) Below(ctx context.Context, _ int32, _ store.Code, _ int) ([]store.Code, error) {
	return w.list(ctx)
}

func (w *writingTerms) Above(ctx context.Context, _ int32, _ store.Code, _ int) ([]store.Code, error) {
	return w.list(ctx)
}

// withTerms is a store with one connection.
func withTerms(t *testing.T, url string) (*store.Desk, *writingTerms) {
	d := dbtest.Open(t, url, db.Options{Params: store.PostgresSettings(), MaxConns: 1})
	s := openOn(t, d, store.Options{})
	desk := s.As(storetest.Caller(1))
	terms := &writingTerms{desk: desk}
	s.JoinTerms(terms)
	return desk, terms
}

// TestAConditionAsksNoTerminologyWhileOthersWait wants the terminology, which reads and writes by itself, to be asked before a
// connection is held or anything is locked, or not at all.
func TestAConditionAsksNoTerminologyWhileOthersWait(t *testing.T) {
	for name, url := range map[string]func(testing.TB) string{"sqlite": dbtest.SQLiteURL, "postgres": dbtest.PostgresURL} {
		t.Run(name, func(t *testing.T) {
			desk, terms := withTerms(t, url(t))
			seen := parsed(t, `{"resourceType":"Observation","status":"final","code":{"text":"y"}}`)
			for _, query := range []string{"subject:Patient.gender:in=http://e/r1", "subject:Patient.gender:not-in=http://e/r1", "code:below=http://s|a&subject:Patient.family=x",
				"_has:DiagnosticReport:result:code:above=http://s|a&subject:Patient.family=x"} {
				_, err := desk.Create(t.Context(), seen, store.IfNoneExist(query))
				refusedFor(t, query, err, "follows references")
				_, err = desk.Update(t.Context(), seen, store.Where(query))
				refusedFor(t, query, err, "follows references")
			}
			if terms.asked > 0 {
				t.Errorf("the terminology was asked %d times", terms.asked)
			}
			male := parsed(t, `{"resourceType":"Patient","gender":"male"}`)
			if made, err := desk.Create(t.Context(), male, store.IfNoneExist("gender:in=http://e/r1")); err != nil || made.Effect != store.Created {
				t.Errorf("%+v %v", made, err)
			}
			if made, err := desk.Create(t.Context(), male, store.IfNoneExist("gender:in=http://e/r1")); err != nil || made.Effect == store.Created {
				t.Errorf("%+v %v", made, err)
			}
		})
	}
}

// TestNoConditionAsksForWords on whatever way, and however often.
func TestNoConditionAsksForWords(t *testing.T) {
	desk := openOn(t, dbtest.Open(t, dbtest.SQLiteURL(t), db.Options{}), store.Options{}).As(storetest.Caller(1))
	for _, query := range []string{"_content=foobarbaz", "_has:Observation:subject:_content=foobarbaz", "general-practitioner:Practitioner._text=foobarbaz",
		"_has:Observation:subject:performer:Practitioner._text=foobarbaz"} {
		_, err := desk.Create(t.Context(), parsed(t, `{"resourceType":"Patient"}`), store.IfNoneExist(query))
		refusedFor(t, query, err, "condition of a write")
	}
}

func refusedFor(t *testing.T, query string, err error, text string) {
	t.Helper()
	if f := fault.Find(err); f == nil || f.Kind != fault.Invalid || !strings.Contains(f.Issues[0].Text, text) {
		t.Errorf("%s: %v", query, err)
	}
}

// manyTerms has value sets of 15,000 codes.
type manyTerms struct{ store.Terms }

func (manyTerms) Expand(context.Context, int32, string, int) (out []store.Code, err error) {
	for i := range 15_000 {
		out = append(out, store.Code{System: "http://s", Code: fmt.Sprint(i)})
	}
	return out, nil
}

// TestTheCodesOfARequestAreBoundedTogether for all conditions of a search, and of a write.
func TestTheCodesOfARequestAreBoundedTogether(t *testing.T) {
	dbtest.Both(t, func(t *testing.T, d *db.DB) {
		s := openOn(t, d, store.Options{})
		s.JoinTerms(manyTerms{})
		desk := s.As(storetest.Caller(1))
		if _, err := storetest.Page(t.Context(), desk, "Observation", "code:in=http://e/1", ""); err != nil {
			t.Error(err)
		}
		if _, err := storetest.Page(t.Context(), desk, "Observation", "code:in=http://e/1&category:in=http://e/2", ""); !fault.Is(err, fault.TooCostly) {
			t.Error(err)
		}
		create := func(n int) error {
			return desk.Write(t.Context(), func(c *store.Change) error {
				for i := range n {
					c.Create(parsed(t, `{"resourceType":"Observation","status":"final","code":{"text":"y"}}`), store.IfNoneExist(fmt.Sprint("code:in=http://e/", i)))
				}
				return nil
			})
		}
		if err := create(1); err != nil {
			t.Error(err)
		}
		if err := create(2); !fault.Is(err, fault.TooCostly) {
			t.Error(err)
		}
	})
}
