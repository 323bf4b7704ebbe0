package store_test

import (
	"fmt"
	"iter"
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/ficushealth/ficus/engine/access"
	"github.com/ficushealth/ficus/engine/store"
	"github.com/ficushealth/ficus/engine/store/searchcheck"
	"github.com/ficushealth/ficus/fault"
	"github.com/ficushealth/ficus/fhir/search"
)

// policed asks as many principals who see a part of the corpus, each at random. What they are shown is what a slow filter over
// the files leaves of it, and the questions are asked of that alone: pages, totals, orders, chains, includes, reads, histories.
func policed(t *testing.T, s *store.Store, corpus *searchcheck.Corpus, principals, queries int) {
	t.Helper()
	if testing.Short() {
		principals, queries = principals/2, queries/2
	}
	seed := seedOf(t)
	policies, patients := corpus.Policies(seed, principals)
	for i, policy := range policies {
		scopes, err := access.ParseScopes(policy.Scopes())
		if err != nil {
			t.Fatal(err)
		}
		p := access.Principal{Tenant: 1, Subject: "user/narrow", Client: "test", Scopes: scopes, Patient: patients[i]}
		n := &narrowed{t, s.As(p), s.As(access.Inside(1, "test")), p, corpus.Under(policy, clockOf2026()), rand.New(rand.NewPCG(seed, uint64(i))), policy.Scopes() + " for Patient/" + patients[i]}
		n.all(seed+uint64(i), queries)
	}
}

// narrowed is one who sees a part, and the corpus as he sees it.
type narrowed struct {
	t      *testing.T
	desk   *store.Desk
	whole  *store.Desk // of one who sees everything
	p      access.Principal
	corpus *searchcheck.Corpus
	rand   *rand.Rand
	who    string
}

func (n *narrowed) wrong(format string, args ...any) {
	n.t.Helper()
	n.t.Errorf("%s: %s", n.who, fmt.Sprintf(format, args...))
}

func (n *narrowed) all(seed uint64, queries int) {
	asked := n.corpus.Queries(seed, queries, 3000, clockOf2026())
	asked = append(asked, n.corpus.Chains(seed, queries/2, 3000, clockOf2026())...)
	some := 0
	for _, q := range asked {
		if ids, ok := n.search(q); ok {
			some += len(ids)
		}
	}
	if some == 0 {
		n.wrong("%d queries found nothing", len(asked))
	}
	for _, o := range n.corpus.Orders(seed, queries/10, 3000) {
		q := searchcheck.Query{Type: o.Type, Pairs: [][2]string{{"_sort", o.Sort}}}
		if ids, ok := n.pages(q); ok {
			if wrong := o.Wrong(ids); wrong != "" {
				n.wrong("%s", wrong)
			}
		}
	}
	for _, typ := range n.corpus.Types() {
		n.reads(typ)
		n.history(typ)
		n.includes(typ)
		n.goesThrough(typ)
	}
	n.everything()
}

// goesThrough compares what operations go through ($lastn, $match), and which labels are told of ($meta).
func (n *narrowed) goesThrough(typ string) {
	if n.p.Check(access.Search, typ) != nil {
		return
	}
	var want, got []string
	used := map[store.Label]bool{}
	n.choose(n.whole, typ, func(v store.Version) {
		if n.corpus.Sees(typ, v.ID) {
			want = append(want, v.ID)
			r, err := v.Resource()
			if err != nil {
				n.t.Fatal(err)
			}
			for x := range r.Get("meta").Get("profile").Items() {
				used[store.Label{Element: "profile", Code: x.Str()}] = true
			}
		}
	})
	n.choose(n.desk, typ, func(v store.Version) { got = append(got, v.ID) })
	if !slices.Equal(got, want) {
		n.wrong("%s goes through %d, not %d", typ, len(got), len(want))
	}
	told, err := n.desk.Labels(n.t.Context(), typ)
	if err != nil || len(told.List) != len(used) || slices.ContainsFunc(told.List, func(l store.Label) bool { return !used[l] }) {
		n.wrong("labels of %s are %v, not %v (%v)", typ, told.List, used, err)
	}
}

func (n *narrowed) choose(desk *store.Desk, typ string, each func(store.Version)) {
	_, err := desk.Choose(n.t.Context(), search.Query{Type: typ, Count: -1}, func(all iter.Seq2[store.Version, error]) ([]store.Version, error) {
		for v, err := range all {
			if err != nil {
				return nil, err
			}
			each(v)
		}
		return nil, nil
	})
	if err != nil {
		n.wrong("going through %s: %v", typ, err)
	}
}

// search compares a search, page by page, and its total.
func (n *narrowed) search(q searchcheck.Query) ([]string, bool) {
	ids, ok := n.pages(q)
	if !ok {
		return nil, false
	}
	if wrong := q.Wrong(ids); wrong != "" {
		n.wrong("%s", wrong)
	}
	page, err := n.desk.Search(n.t.Context(), parseQuery(n.t, q, search.Pair{Name: "_total", Value: []string{"accurate", "estimate"}[n.rand.IntN(2)]}, search.Pair{Name: "_count", Value: "1"}))
	if err != nil || page.Total != int64(len(ids)) {
		n.wrong("%s: a total of %d for %d (%v)", q, page.Total, len(ids), err)
	}
	return ids, true
}

// pages goes through a search; not ok if it leads to a type that is closed, which refuses it.
func (n *narrowed) pages(q searchcheck.Query) (ids []string, ok bool) {
	parsed := parseQuery(n.t, q, search.Pair{Name: "_count", Value: []string{"7", "50", "1000"}[n.rand.IntN(3)]})
	if len(q.Must) > 300 {
		parsed.Count = 1000
	}
	for {
		page, err := n.desk.Search(n.t.Context(), parsed)
		if fault.Is(err, fault.Forbidden) && n.closed(q) {
			return nil, false
		}
		if err != nil {
			n.wrong("%s: %v", q, err)
			return nil, false
		}
		for _, v := range page.Entries {
			ids = append(ids, v.ID)
		}
		if page.Next == "" {
			return ids, true
		}
		parsed.Cursor = page.Next
	}
}

var typeName = regexp.MustCompile(`[A-Z][A-Za-z]+`)

// closed reports whether a search may be refused: it names a type that is closed, or orders by what is elsewhere.
func (n *narrowed) closed(q searchcheck.Query) bool {
	types := []string{q.Type}
	for _, p := range q.Pairs {
		if p[0] == "_sort" && strings.Contains(p[1], ".") {
			return true
		}
		types = append(types, typeName.FindAllString(p[0], -1)...)
		if strings.Contains(p[0], "patient.") {
			types = append(types, "Patient")
		}
	}
	return slices.ContainsFunc(types, func(typ string) bool { return n.p.Check(access.Search, typ) != nil })
}

// reads looks at some resources of a type, seen or not.
func (n *narrowed) reads(typ string) {
	ids := n.corpus.IDs(typ)
	for range min(12, len(ids)) {
		id := ids[n.rand.IntN(len(ids))]
		there, none := n.looks(typ, id), n.looks(typ, "there-is-none")
		for what, err := range there {
			switch sees := n.corpus.Sees(typ, id); {
			case (err == nil) != sees:
				n.wrong("%s of %s/%s, which is seen: %v: %v", what, typ, id, sees, err)
			case err != nil && err.Error() != none[what].Error():
				n.wrong("%s of %s says %q of what is hidden and %q of what is not there", what, typ, err, none[what])
			}
		}
	}
}

// looks are the ways to read a resource, and what they say.
func (n *narrowed) looks(typ, id string) map[string]error {
	_, read := n.desk.Read(n.t.Context(), typ, id)
	_, vread := n.desk.VRead(n.t.Context(), typ, id, "1")
	_, past := n.desk.History(n.t.Context(), store.HistoryQuery{Type: typ, ID: id})
	return map[string]error{"read": read, "vread": vread, "history": past}
}

// history goes through the history of a type.
func (n *narrowed) history(typ string) {
	if n.p.Check(access.History, typ) != nil {
		return
	}
	shown := map[string]bool{}
	for q := (store.HistoryQuery{Type: typ, Count: 200}); ; {
		page, err := n.desk.History(n.t.Context(), q)
		if err != nil {
			n.wrong("history of %s: %v", typ, err)
			return
		}
		for _, v := range page.Entries {
			shown[v.ID] = true
		}
		if q.Cursor = page.Next; q.Cursor == "" {
			break
		}
	}
	for _, id := range n.corpus.IDs(typ) {
		if shown[id] != n.corpus.Sees(typ, id) {
			n.wrong("the history of %s shows %s: %v", typ, id, shown[id])
			return
		}
	}
}

// includes compares what a page includes: all that it refers to, and that its own kind refers back.
func (n *narrowed) includes(typ string) {
	if n.p.Check(access.Search, typ) != nil {
		return
	}
	q, _, err := search.Parse(typ, []search.Pair{{Name: "_include", Value: typ + ":*"}, {Name: "_count", Value: "15"}}, search.Strict)
	if err != nil {
		n.t.Fatal(err)
	}
	q.Includes = append(q.Includes, search.Include{Reverse: true, Source: "*", Code: "*"})
	page, err := n.desk.Search(n.t.Context(), q)
	if err != nil && fault.Is(err, fault.Invalid) {
		return // too much to be shown
	}
	if err != nil {
		n.wrong("includes of %s: %v", typ, err)
		return
	}
	there := map[string]bool{}
	for _, v := range append(page.Entries, page.Included...) {
		if there[v.Type+"/"+v.ID] = true; !n.corpus.Sees(v.Type, v.ID) {
			n.wrong("a page of %s includes %s/%s", typ, v.Type, v.ID)
			return
		}
	}
	for _, v := range page.Entries {
		for _, name := range n.corpus.Points(v.Type, v.ID) {
			if !there[name] {
				n.wrong("a page of %s lacks %s, to which %s refers", typ, name, v.ID)
				return
			}
		}
	}
}

// everything goes through $everything of the principal's patient.
func (n *narrowed) everything() {
	q := store.Everything{Type: "Patient", ID: n.p.Patient, Count: 500}
	for {
		page, err := n.desk.Everything(n.t.Context(), q)
		if err != nil {
			if n.corpus.Sees("Patient", n.p.Patient) {
				n.wrong("everything: %v", err)
			}
			return
		}
		for _, v := range page.Entries {
			if !n.corpus.Sees(v.Type, v.ID) {
				n.wrong("everything of Patient/%s has %s/%s", n.p.Patient, v.Type, v.ID)
				return
			}
		}
		if q.Cursor = page.Next; q.Cursor == "" {
			return
		}
	}
}
