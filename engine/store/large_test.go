package store_test

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ficushealth/ficus/engine/access"
	"github.com/ficushealth/ficus/engine/db"
	"github.com/ficushealth/ficus/engine/db/dbtest"
	"github.com/ficushealth/ficus/engine/store"
	"github.com/ficushealth/ficus/engine/store/storetest"
	"github.com/ficushealth/ficus/fault"
)

// manifold is one of many resources, with what it is ordered by.
type manifold struct {
	id, status, word, date         string
	codes, categories, identifiers []string
	profiles                       []string
	json                           string
}

const many = 12_000

// long begins identifiers that differ behind what the index compares.
var long = strings.Repeat("x", 300)

func manifoldOf(i int) manifold {
	m := manifold{id: fmt.Sprintf("o%05d", i), status: []string{"final", "amended", "preliminary"}[i*7%3], word: []string{"Even", "odd"}[i%2], date: fmt.Sprintf("2020-01-%02d", max(1+i%20, i%4*8))}
	if i%11 > 0 {
		m.codes = []string{fmt.Sprintf("c%02d", i*13%40)}
	}
	for n := range i % 3 {
		m.categories = append(m.categories, fmt.Sprintf("k%d", (i/3+n*2)%5))
	}
	switch {
	case i%17 == 0: // a system alone
	case i%1000 == 1:
		m.identifiers = []string{fmt.Sprintf("%s%05d", long, i)}
	default:
		for n := range 1 + i%2 {
			m.identifiers = append(m.identifiers, fmt.Sprintf("n%05d", (i*7919+n*5000)%(2*many)))
		}
	}
	if i%5 > 0 {
		m.profiles = []string{fmt.Sprintf("http://p/%d", i%7)}
	}
	m.json = fmt.Sprintf(`{"resourceType":"Observation","id":"%s","meta":{"profile":[%s]},"text":{"status":"generated","div":"<div xmlns=\"http://www.w3.org/1999/xhtml\">an %s one</div>"},`+
		`"identifier":[{"system":"http://s"}%s],"status":"%s","category":[{"coding":[{"system":"http://c"}%s]}],"code":{"text":"t"%s},"effectiveDateTime":"%s"}`,
		m.id, quoted(m.profiles), m.word, each(`,{"value":"%s"}`, m.identifiers), m.status, each(`,{"code":"%s"}`, m.categories), each(`,"coding":[{"code":"%s"}]`, m.codes), m.date)
	return m
}

func quoted(list []string) string { return strings.TrimPrefix(each(`,"%s"`, list), ",") }

func each(form string, list []string) (out string) {
	for _, s := range list {
		out += fmt.Sprintf(form, s)
	}
	return out
}

// fill writes many resources in bundles, in the order of their numbers.
func fill(t *testing.T, desk *store.Desk, many int) []manifold {
	t.Helper()
	all := make([]manifold, many)
	for i := 0; i < many; i += 1000 {
		var entries []string
		for n := i; n < i+1000; n++ {
			all[n] = manifoldOf(n)
			entries = append(entries, `{"resource":`+all[n].json+`,"request":{"method":"PUT","url":"Observation/`+all[n].id+`"}}`)
		}
		storetest.Post(t, desk, entries)
	}
	return all
}

// least is the first of some codes, or the last; none comes last both ways.
func least(list []string, desc bool) string {
	switch {
	case len(list) == 0 && desc:
		return ""
	case len(list) == 0:
		return "\U0010ffff"
	case desc:
		return slices.Max(list)
	}
	return slices.Min(list)
}

var manifoldKeys = map[string]func(manifold, bool) string{
	"code":       func(m manifold, desc bool) string { return least(m.codes, desc) },
	"category":   func(m manifold, desc bool) string { return least(m.categories, desc) },
	"identifier": func(m manifold, desc bool) string { return least(m.identifiers, desc) },
	"_profile":   func(m manifold, desc bool) string { return least(m.profiles, desc) },
	"status":     func(m manifold, desc bool) string { return m.status },
	"_id":        func(m manifold, desc bool) string { return m.id },
	"date":       func(m manifold, desc bool) string { return m.date },
}

// inOrder are the ids in the order that _sort asks for, those before first.
func inOrder(all []manifold, sort string) (ids []string) {
	list := slices.Clone(all)
	slices.SortStableFunc(list, func(a, b manifold) int {
		for _, k := range strings.Split(sort, ",") {
			name, desc := strings.CutPrefix(k, "-")
			c := strings.Compare(manifoldKeys[name](a, desc), manifoldKeys[name](b, desc))
			if desc {
				c = -c
			}
			if c != 0 {
				return c
			}
		}
		return cmp.Compare(a.id, b.id) // they were written in this order
	})
	for _, m := range list {
		ids = append(ids, m.id)
	}
	return ids
}

func pagesOf(t *testing.T, desk *store.Desk, typ, query string, pages int, between func()) (ids []string) {
	t.Helper()
	cursor := ""
	for range pages {
		page, err := storetest.Page(t.Context(), desk, typ, query, cursor)
		if err != nil {
			t.Fatal(query, err)
		}
		for _, v := range page.Entries {
			ids = append(ids, v.ID)
		}
		if cursor = page.Next; cursor == "" {
			return ids
		}
		between()
	}
	return ids
}

// TestLargeResults: more than 10,000 matches in any order, and searched for words, page by page.
func TestLargeResults(t *testing.T) {
	dbtest.Both(t, func(t *testing.T, d *db.DB) {
		s := openOn(t, d, store.Options{})
		desk := s.As(access.Inside(1, "test"))
		all := fill(t, desk, many)
		for _, sort := range largeOrders {
			sameOrder(t, sort, pagesOf(t, desk, "Observation", "_count=1000&_sort="+sort, 3, func() {}), inOrder(all, sort)[:3000])
		}
		dense := slices.DeleteFunc(slices.Clone(all), func(m manifold) bool { return m.status != "final" })
		sameOrder(t, "status=final", pagesOf(t, desk, "Observation", "_count=1000&_sort=code,-_id&date=ge2020-01-01&status=final", many, func() {}), inOrder(dense, "code,-_id"))
		counts(t, desk, "Observation", "_content=even", many/2)
		counts(t, desk, "Observation", "_text=one", many)
		even := slices.DeleteFunc(slices.Clone(all), func(m manifold) bool { return m.word != "Even" })
		sameOrder(t, "_text=even", pagesOf(t, desk, "Observation", "_count=1000&_text=even", many, func() {}), inOrder(even, "_id"))
		sameOrder(t, "_text=even", pagesOf(t, desk, "Observation", "_count=1000&_text=even&_sort=-category", 2, func() {}), inOrder(even, "-category")[:2000])
		report, err := s.CheckIndex(t.Context(), 1, 0, 0)
		if err != nil || len(report.Faults) > 0 {
			t.Error(report.Faults, err)
		}
	})
}

var largeOrders = []string{"code,-status", "-status", "code", "-code", "category", "-category",
	"-date,status", "date,-_id", "status,date,-code", "category,-date", "-category,status,date", "-date,category,code", "identifier,date"}

func sameOrder(t *testing.T, what string, got, want []string) {
	t.Helper()
	if slices.Equal(got, want) {
		return
	}
	for i := range min(len(got), len(want)) {
		if got[i] != want[i] {
			t.Errorf("%s: place %d has %s, want %s", what, i, got[i], want[i])
			return
		}
	}
	t.Errorf("%s: %d, want %d", what, len(got), len(want))
}

// TestSearchesWithoutTime: a page of words ends early, with a cursor; a count and an order that must read all say that there was no time.
func TestSearchesWithoutTime(t *testing.T) {
	dbtest.Both(t, func(t *testing.T, d *db.DB) {
		desk := openOn(t, d, store.Options{Now: inTwoHours}).As(access.Inside(1, "test"))
		fill(t, desk, 2000)
		ctx, cancel := contextOfAnHour(t)
		defer cancel()
		for _, query := range []string{"_content=on*&_summary=count", "_sort=identifier,-status", "_content=one&_sort=_id"} {
			if _, err := storetest.Page(ctx, desk, "Observation", query, ""); !fault.Is(err, fault.TooCostly) {
				t.Error(query, err)
			}
		}
		pages, cursor := 0, ""
		for cursor != "" || pages == 0 {
			page, err := storetest.Page(ctx, desk, "Observation", "_content=one nowhere", cursor)
			if err != nil || len(page.Entries) > 0 {
				t.Fatal(len(page.Entries), err)
			}
			pages, cursor = pages+1, page.Next
		}
		if pages != 32 { // of 64 bodies each
			t.Errorf("%d pages", pages)
		}
	})
}

func inTwoHours() time.Time { return time.Now().Add(2 * time.Hour) }

func contextOfAnHour(t *testing.T) (context.Context, context.CancelFunc) {
	return context.WithTimeout(t.Context(), time.Hour)
}
