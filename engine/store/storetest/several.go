package storetest

import (
	"slices"
	"strings"
	"testing"

	"github.com/ficushealth/ficus/engine/store"
	"github.com/ficushealth/ficus/fault"
	"github.com/ficushealth/ficus/fhir/search"
)

// several: searches over more than one type, and over what belongs to a resource.
func several(t0 *testing.T, open Open) {
	t := begin(t0, open, store.Options{DanglingReferences: true})
	t.family()
	t.put(`{"resourceType":"Patient","id":"p3","link":[{"other":{"reference":"Patient/p1"},"type":"seealso"}]}`)
	all := "Observation/o1 Observation/o2 Observation/o3 Observation/o4 Organization/a Organization/b Organization/c " +
		"Patient/p1 Patient/p2 Patient/p3 Practitioner/d1 Questionnaire/q1 Questionnaire/q2 QuestionnaireResponse/r1 QuestionnaireResponse/r2"
	p1 := "Observation/o1 Observation/o2 Patient/p1 Patient/p3"
	for _, c := range []struct{ of, scopes, types, query, want string }{
		{"", "system/*.rs", "", "", all},
		{"", "system/*.rs", "Organization Patient", "", "Organization/a Organization/b Organization/c Patient/p1 Patient/p2 Patient/p3"},
		{"", "system/*.rs", "Organization Patient", "_id=a,p2", "Organization/a Patient/p2"},
		{"", "system/Patient.rs system/Practitioner.rs", "", "", "Patient/p1 Patient/p2 Patient/p3 Practitioner/d1"},
		{"", "system/Patient.rs", "Patient Practitioner", "", "refused"},
		{"", "openid", "", "", "refused"},
		{"Patient/p1", "system/*.rs", "", "", p1},
		{"Patient/p1", "system/*.rs", "Observation", "", "Observation/o1 Observation/o2"},
		{"Patient/p1", "system/*.rs", "Observation", "_id=o2,o4", "Observation/o2"},
		{"Patient/p1", "system/Observation.rs", "", "", "Observation/o1 Observation/o2"},
		{"Patient/p1", "system/*.rs", "Patient", "", "Patient/p1 Patient/p3"},
		{"Practitioner/d1", "system/*.rs", "", "", "Observation/o1 Patient/p1 Practitioner/d1"},
		{"Patient/none", "system/*.rs", "", "", ""},
		{"Encounter/never", "system/*.rs", "", "", "Observation/o1"},
		{"Patient/p1", "system/*.rs", "Organization", "", "unknown"},
	} {
		for _, order := range []string{"", "_lastUpdated", "-_lastUpdated", "_id"} {
			for _, count := range []int{1, 2, 3, 1000} {
				t.asksSeveral(c.of, c.scopes, c.types, c.query, order, count, c.want)
			}
		}
	}
}

// severalWhileWriting: pages neither lose nor repeat what was there from the beginning, while others are written and
// what was shown changes.
func severalWhileWriting(t0 *testing.T, open Open) {
	t := begin(t0, open, store.Options{DanglingReferences: true})
	t.family()
	t.put(`{"resourceType":"Condition","id":"c1","subject":{"reference":"Patient/p1"}}`)
	before := names(t.pages(func(cursor string) (store.Page, error) {
		return t.desk.Search(t.ctx, search.Query{Count: 100, Cursor: cursor})
	}, func() {}))
	n := 0
	write := func() {
		if n++; n%3 > 0 { // fewer than are shown, so that the pages come to an end
			return
		}
		t.put(`{"resourceType":"Basic","id":"w%d","code":{"text":"x"},"subject":{"reference":"Patient/p1"}}`, n)
		t.put(`{"resourceType":"Questionnaire","id":"w%d","status":"active"}`, n)
		t.put(`{"resourceType":"Observation","id":"o1","status":"final","code":{"text":"x"},"subject":{"reference":"Patient/p1"},"issued":"2020-01-01T00:00:%02dZ"}`, n)
	}
	list := t.pages(func(cursor string) (store.Page, error) {
		return t.desk.Search(t.ctx, search.Query{Count: 1, Cursor: cursor})
	}, write)
	t.onceEach("a search over all types", before, list)
	owned := names(t.pages(func(cursor string) (store.Page, error) {
		return t.desk.Everything(t.ctx, store.Everything{Type: "Patient", ID: "p1", Cursor: cursor})
	}, func() {}))
	list = t.pages(func(cursor string) (store.Page, error) {
		return t.desk.Everything(t.ctx, store.Everything{Type: "Patient", ID: "p1", Count: 1, Cursor: cursor})
	}, write)
	t.onceEach("everything", owned, list)
}

func (t *story) pages(ask func(cursor string) (store.Page, error), between func()) (all []store.Version) {
	t.Helper()
	for cursor := ""; len(all) < 200; {
		page, err := ask(cursor)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, page.Entries...)
		if cursor = page.Next; cursor == "" {
			return all
		}
		between()
	}
	t.Fatal("the pages do not end")
	return nil
}

func (t *story) onceEach(what string, want []string, list []store.Version) {
	t.Helper()
	count := map[string]int{}
	for _, v := range list {
		count[v.Type+"/"+v.ID]++
	}
	for _, name := range want {
		if count[name] == 0 {
			t.Errorf("%s has lost %s", what, name)
		}
	}
	for name, n := range count {
		if n > 1 {
			t.Errorf("%s has %s %d times", what, name, n)
		}
	}
}

func (t *story) asksSeveral(of, scopes, types, query, order string, count int, want string) {
	t.Helper()
	q := t.query("", query)
	q.Types, q.Count, q.Total = strings.Fields(types), count, search.TotalAccurate
	if len(q.Types) == 1 {
		q = t.query(q.Types[0], query)
		q.Count, q.Total = count, search.TotalAccurate
	}
	if order != "" {
		q.Sort = t.query("", "_sort="+order).Sort
	}
	q.Compartment.Type, q.Compartment.ID, _ = strings.Cut(of, "/")
	desk := t.store.As(caller(1, scopes))
	var got []store.Version
	for {
		page, err := desk.Search(t.ctx, q)
		if want == "refused" || want == "unknown" {
			t.want(map[string]fault.Kind{"refused": fault.Forbidden, "unknown": fault.Unknown}[want], err)
			return
		}
		if err != nil || len(page.Entries) > count || page.Total != int64(len(strings.Fields(want))) {
			t.Fatalf("%s %s %s %s: %d entries, %d in all, %v", of, types, query, order, len(page.Entries), page.Total, err)
		}
		got = append(got, page.Entries...)
		if q.Cursor = page.Next; q.Cursor == "" {
			break
		}
	}
	if !slices.Equal(names(got), strings.Fields(want)) {
		t.Errorf("%s %s %s %s found %v, want %v", of, types, query, order, names(got), want)
	}
	if !slices.IsSortedFunc(got, inOrder(order)) {
		t.Errorf("%s %s %s is not in the order of %q: %v", of, types, query, order, got)
	}
}

func inOrder(order string) func(a, b store.Version) int {
	return func(a, b store.Version) int {
		switch order {
		case "_lastUpdated":
			return a.Updated.Compare(b.Updated)
		case "-_lastUpdated":
			return b.Updated.Compare(a.Updated)
		case "_id":
			return strings.Compare(a.ID, b.ID)
		}
		return strings.Compare(a.Type, b.Type)
	}
}

func (t *story) query(typ, text string) search.Query {
	t.Helper()
	pairs, err := search.ParseQueryString(text)
	if err != nil {
		t.Fatal(err)
	}
	q, _, err := search.Parse(typ, pairs, search.Strict)
	if err != nil {
		t.Fatal(err)
	}
	return q
}
