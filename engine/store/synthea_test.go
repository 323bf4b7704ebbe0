package store_test

import (
	"encoding/json"
	"maps"
	"math/rand/v2"
	"os"
	"strconv"
	"testing"
	"time"

	"github.com/ficushealth/ficus/engine/access"
	"github.com/ficushealth/ficus/engine/db"
	"github.com/ficushealth/ficus/engine/db/dbtest"
	"github.com/ficushealth/ficus/engine/store"
	"github.com/ficushealth/ficus/engine/store/searchcheck"
	"github.com/ficushealth/ficus/fhir"
	"github.com/ficushealth/ficus/fhir/search"
	"github.com/ficushealth/ficus/suites"
)

// clockOf2026 stands still, because "approximately" depends on it.
func clockOf2026() time.Time { return time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC) }

// TestSynthea loads every bundle of the Synthea files and asks random questions, of which a
// slow filter over the files knows the answers. FICUS_SEED=random asks others each time.
func TestSynthea(t *testing.T) {
	t.Run("sqlite", func(t *testing.T) { synthea(t, dbtest.SQLiteURL(t)) })
	t.Run("postgres", func(t *testing.T) { synthea(t, dbtest.PostgresURL(t)) })
}

func synthea(t *testing.T, url string) {
	d := dbtest.Open(t, url, db.Options{Params: store.PostgresSettings(), Durability: db.Off})
	s := openOn(t, d, store.Options{Now: clockOf2026})
	desk := s.As(everything(t))
	corpus, inFiles := searchcheck.New(), map[string]int{}
	for name, raw := range suites.Synthea(t) {
		stored := post(t, desk, name, raw)
		if err := corpus.Bundle(raw, stored); err != nil {
			t.Fatal(name, err)
		}
		countTypes(t, raw, inFiles)
		if testing.Short() && len(inFiles) > 20 {
			break
		}
	}
	if got := corpus.Counts(); !maps.Equal(got, inFiles) {
		t.Errorf("stored by type:\n%v\nin the files:\n%v", got, inFiles)
	}
	for typ, want := range inFiles {
		if got := total(t, desk, typ); got != int64(want) {
			t.Errorf("%s: the store counts %d, the files hold %d", typ, got, want)
		}
	}
	ask(t, desk, corpus, 600)
	policed(t, s, corpus, 8, 40)
}

// post sends a bundle and says where its entries went.
func post(t *testing.T, desk *store.Desk, name string, raw []byte) []searchcheck.Stored {
	t.Helper()
	r, err := fhir.Parse(raw, fhir.Limits{Bytes: 64 << 20})
	if err != nil {
		t.Fatal(name, err)
	}
	b := fhir.Bundle{Resource: r}
	send := desk.Transaction
	if b.Kind() == "batch" {
		send = desk.Batch
	}
	replies, err := send(t.Context(), b)
	if err != nil {
		t.Fatal(name, err)
	}
	stored := make([]searchcheck.Stored, len(replies))
	for i, r := range replies {
		if r.Err != nil {
			t.Fatal(name, r.Err)
		}
		stored[i] = searchcheck.Stored{Type: r.Result.Type, ID: r.Result.ID}
	}
	return stored
}

// seedOf is the same each time, so that a failure tells of the change; FICUS_SEED names another, or is random (make seeds).
func seedOf(t *testing.T) uint64 {
	t.Helper()
	switch s := os.Getenv("FICUS_SEED"); s {
	case "":
		return 1
	case "random":
		return rand.Uint64()
	default:
		seed, err := strconv.ParseUint(s, 10, 64)
		if err != nil {
			t.Fatal("FICUS_SEED is a number, or random:", err)
		}
		return seed
	}
}

func ask(t *testing.T, desk *store.Desk, corpus *searchcheck.Corpus, n int) {
	t.Helper()
	seed := seedOf(t)
	if testing.Short() {
		n /= 4
	}
	queries := corpus.Queries(seed, n, 3000, clockOf2026())
	queries = append(queries, corpus.Chains(seed, n/4, 3000, clockOf2026())...)
	t.Logf("seed %d: %d queries", seed, len(queries))
	if n += n / 4; len(queries) < n {
		t.Errorf("seed %d: only %d of %d queries found something", seed, len(queries), n)
	}
	for i, q := range queries {
		if wrong := q.Wrong(allPages(t, desk, q, []int{7, 50, 1000}[i%3])); wrong != "" {
			t.Errorf("seed %d: %s", seed, wrong)
		}
	}
	for i, o := range corpus.Orders(seed, n/15, 10_000) {
		q := searchcheck.Query{Type: o.Type, Pairs: [][2]string{{"_sort", o.Sort}}}
		if wrong := o.Wrong(allPages(t, desk, q, []int{1000, 300}[i%2])); wrong != "" {
			t.Errorf("seed %d: %s", seed, wrong)
		}
	}
}

// allPages runs a query to its end. Pages of a few are kept for what finds few.
func allPages(t *testing.T, desk *store.Desk, q searchcheck.Query, count int) (ids []string) {
	t.Helper()
	if len(q.Must) > 12*count {
		count = 1000
	}
	parsed := parseQuery(t, q, search.Pair{Name: "_count", Value: strconv.Itoa(count)})
	for {
		page, err := desk.Search(t.Context(), parsed)
		if err != nil {
			t.Fatalf("%s: %v", q, err)
		}
		for _, v := range page.Entries {
			ids = append(ids, v.ID)
		}
		if page.Next == "" {
			return ids
		}
		parsed.Cursor = page.Next
	}
}

func parseQuery(t *testing.T, q searchcheck.Query, more ...search.Pair) search.Query {
	t.Helper()
	for _, p := range q.Pairs {
		more = append(more, search.Pair{Name: p[0], Value: p[1]})
	}
	parsed, _, err := search.Parse(q.Type, more, search.Strict)
	if err != nil {
		t.Fatalf("%s: %v", q, err)
	}
	return parsed
}

func total(t *testing.T, desk *store.Desk, typ string) int64 {
	t.Helper()
	page, err := desk.Search(t.Context(), parseQuery(t, searchcheck.Query{Type: typ}, search.Pair{Name: "_summary", Value: "count"}))
	if err != nil {
		t.Fatal(err)
	}
	return page.Total
}

func countTypes(t *testing.T, raw []byte, into map[string]int) {
	t.Helper()
	var b struct {
		Entry []struct{ Resource struct{ ResourceType string } }
	}
	if err := json.Unmarshal(raw, &b); err != nil {
		t.Fatal(err)
	}
	for _, e := range b.Entry {
		into[e.Resource.ResourceType]++
	}
}

func everything(t *testing.T) access.Principal {
	t.Helper()
	scopes, err := access.ParseScopes("system/*.cruds")
	if err != nil {
		t.Fatal(err)
	}
	return access.Principal{Tenant: 1, Subject: "client/test", Client: "test", Scopes: scopes}
}
