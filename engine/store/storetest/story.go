package storetest

import (
	"context"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/ficushealth/ficus/engine/access"
	"github.com/ficushealth/ficus/engine/store"
	"github.com/ficushealth/ficus/fault"
	"github.com/ficushealth/ficus/fhir"
	"github.com/ficushealth/ficus/fhir/search"
)

// Opened is a store under test. Open makes a fresh one on an empty database.
type Opened struct {
	*store.Store
	Tick *atomic.Int64 // microseconds that the store's clock is ahead; the stories move it
}

// Open makes a store with these options; Vault, Audit and Now are the caller's.
type Open func(t *testing.T, o store.Options) *store.Store

// story is one test with its store, a caller of tenant 1, and shorthands.
type story struct {
	*testing.T
	ctx   context.Context
	store *store.Store
	desk  *store.Desk
}

// Clock is the stories' time: it moves a millisecond at every look.
func Clock() func() time.Time {
	var n atomic.Int64
	start := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	return func() time.Time { return start.Add(time.Duration(n.Add(1)) * time.Millisecond) }
}

func caller(tenant int32, scopes string) access.Principal {
	s, err := access.ParseScopes(scopes)
	if err != nil {
		panic(err)
	}
	return access.Principal{Tenant: tenant, Subject: "client/story", Client: "storetest", Scopes: s}
}

func begin(t *testing.T, open Open, o store.Options) *story {
	o.Now = Clock()
	s := open(t, o)
	return &story{t, context.Background(), s, s.As(caller(1, "system/*.cruds"))}
}

func (t *story) parse(format string, args ...any) fhir.Resource {
	t.Helper()
	r, err := fhir.Parse(fmt.Appendf(nil, format, args...), fhir.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func (t *story) create(format string, args ...any) store.Result {
	t.Helper()
	r, err := t.desk.Create(t.ctx, t.parse(format, args...))
	if err != nil {
		t.Fatalf("create: %v", err)
	}
	return r
}

func (t *story) put(format string, args ...any) store.Result {
	t.Helper()
	r, err := t.desk.Update(t.ctx, t.parse(format, args...))
	if err != nil {
		t.Fatalf("update: %v", err)
	}
	return r
}

func (t *story) want(kind fault.Kind, err error) {
	t.Helper()
	if !fault.Is(err, kind) {
		t.Errorf("got %v (%v), want a fault of kind %v", err, fault.Of(err), kind)
	}
}

// search returns the ids found, all pages, in order.
func (t *story) search(typ, query string) []string {
	t.Helper()
	ids, err := All(t.ctx, t.desk, typ, query)
	if err != nil {
		t.Fatalf("%s?%.200s: %v", typ, query, err)
	}
	return ids
}

// found compares the ids that a search finds, in order, with those wanted.
func (t *story) found(typ, query string, want ...string) {
	t.Helper()
	if got := t.search(typ, query); strings.Join(got, " ") != strings.Join(want, " ") {
		t.Errorf("%s?%.200s found %v, want %v", typ, query, got, want)
	}
}

// All runs a search through all its pages and returns the ids in order.
func All(ctx context.Context, d *store.Desk, typ, query string) ([]string, error) {
	var ids []string
	for cursor := ""; ; {
		page, err := Page(ctx, d, typ, query, cursor)
		if err != nil {
			return nil, err
		}
		for _, v := range page.Entries {
			ids = append(ids, v.ID)
		}
		if cursor = page.Next; cursor == "" {
			return ids, nil
		}
	}
}

// Page runs one page of a search.
func Page(ctx context.Context, d *store.Desk, typ, query, cursor string) (store.Page, error) {
	pairs, err := search.ParseQueryString(query)
	if err != nil {
		return store.Page{}, err
	}
	set, err := d.Params(ctx)
	if err != nil {
		return store.Page{}, err
	}
	q, _, err := search.ParseIn(set, typ, pairs, search.Strict)
	if err != nil {
		return store.Page{}, err
	}
	q.Cursor = cursor
	return d.Search(ctx, q)
}

// Post sends entries as one transaction.
func Post(t testing.TB, d *store.Desk, entries []string) {
	t.Helper()
	r, err := fhir.Parse([]byte(`{"resourceType":"Bundle","type":"transaction","entry":[`+strings.Join(entries, ",")+`]}`), fhir.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := d.Transaction(context.Background(), fhir.Bundle{Resource: r}); err != nil {
		t.Fatal(err)
	}
}

// Caller is who may do everything in a tenant.
func Caller(tenant int32) access.Principal { return caller(tenant, "system/*.cruds") }
