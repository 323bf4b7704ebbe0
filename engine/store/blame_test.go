package store_test

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ficushealth/ficus/engine/access"
	"github.com/ficushealth/ficus/engine/db"
	"github.com/ficushealth/ficus/engine/db/dbtest"
	"github.com/ficushealth/ficus/engine/store"
	"github.com/ficushealth/ficus/engine/store/storetest"
	"github.com/ficushealth/ficus/fault"
	"github.com/ficushealth/ficus/fhir"
)

func parsed(t testing.TB, format string, args ...any) fhir.Resource {
	t.Helper()
	r, err := fhir.Parse(fmt.Appendf(nil, format, args...), fhir.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// together has the writer wait until all writes are in its queue, so that they share a group.
func together(t *testing.T, desk *store.Desk, writes ...func()) {
	t.Helper()
	release := holdWriter(t, desk)
	var wg sync.WaitGroup
	for _, w := range writes {
		wg.Go(w)
	}
	time.Sleep(200 * time.Millisecond)
	close(release)
	wg.Wait()
}

// TestOnlyTheSlowOneIsTooSlow: who shares a group with a write that runs out of time is not refused with it.
func TestOnlyTheSlowOneIsTooSlow(t *testing.T) {
	dbtest.Both(t, func(t *testing.T, d *db.DB) {
		slow := func(ctx context.Context, _ store.Draft) error {
			<-ctx.Done()
			return nil
		}
		s := openOn(t, d, store.Options{Writers: 1, WriteLimit: 3 * time.Second, Rules: map[string]store.Rule{"Basic": slow}})
		desk := s.As(access.Inside(1, "test"))
		writes := []func(){func() {
			if _, err := desk.Create(t.Context(), parsed(t, `{"resourceType":"Basic","code":{"text":"x"}}`)); !fault.Is(err, fault.TimedOut) {
				t.Errorf("the slow one: %v", err)
			}
		}}
		for range 5 {
			writes = append(writes, func() {
				if _, err := desk.Create(t.Context(), parsed(t, `{"resourceType":"Patient"}`)); err != nil {
					t.Errorf("another one: %v", err)
				}
			})
		}
		together(t, desk, writes...)
	})
}

// TestAPanicIsTheEndOfOneWrite: others of the group, and of the server, go on; nothing of it is stored, and no data is logged.
func TestAPanicIsTheEndOfOneWrite(t *testing.T) {
	dbtest.Both(t, func(t *testing.T, d *db.DB) {
		var log bytes.Buffer
		panics := func(_ context.Context, d store.Draft) error { panic("the name is " + d.New.Get("id").Str()) }
		s := openOn(t, d, store.Options{Writers: 1, Rules: map[string]store.Rule{"Basic": panics}, Log: slog.New(slog.NewTextHandler(&log, nil))})
		desk := s.As(access.Inside(1, "test"))
		const basic = `{"resourceType":"Basic","id":"secret","code":{"text":"x"}}`
		var entries []string
		for i := range 40 {
			entries = append(entries, fmt.Sprintf(`{"resource":{"resourceType":"Patient","id":"p%d"},"request":{"method":"PUT","url":"Patient/p%d"}}`, i, i))
		}
		entries[20] = `{"resource":` + basic + `,"request":{"method":"PUT","url":"Basic/secret"}}`
		together(t, desk,
			func() {
				if _, err := desk.Update(t.Context(), parsed(t, basic)); !fault.Is(err, fault.Internal) {
					t.Errorf("alone: %v", err)
				}
			},
			func() {
				bundle := parsed(t, `{"resourceType":"Bundle","type":"transaction","entry":[%s]}`, strings.Join(entries, ","))
				if _, err := desk.Transaction(t.Context(), fhir.Bundle{Resource: bundle}); !fault.Is(err, fault.Internal) {
					t.Errorf("in a bundle: %v", err)
				}
			},
			func() {
				if _, err := desk.Update(t.Context(), parsed(t, `{"resourceType":"Patient","id":"other"}`)); err != nil {
					t.Errorf("the other one: %v", err)
				}
			})
		err := desk.Write(t.Context(), func(c *store.Change) error {
			c.Update(parsed(t, `{"resourceType":"Patient","id":"p1"}`))
			c.Do(func(context.Context, db.Tx) error { panic("secret") })
			return nil
		})
		if !fault.Is(err, fault.Internal) {
			t.Errorf("within: %v", err)
		}
		if ids, err := storetest.All(t.Context(), desk, "Patient", ""); err != nil || strings.Join(ids, " ") != "other" {
			t.Errorf("%v %v", ids, err)
		}
		if got := log.String(); strings.Contains(got, "secret") || !strings.Contains(got, "caught.go") || !strings.Contains(got, "prepareWrite") {
			t.Error(got)
		}
	})
}

// TestManyLocks: a group holds no more locks than the server's table takes, however much its members point at, so that nobody
// is refused because of others. What the lists point at is missing, which is what they are refused for.
func TestManyLocks(t *testing.T) {
	t.Parallel()
	d := dbtest.Open(t, dbtest.PostgresURL(t), db.Options{Params: store.PostgresSettings()})
	desk := openOn(t, d, store.Options{Writers: 1}).As(access.Inside(1, "test"))
	const lists, each = 16, 1900
	writes := []func(){func() {
		if _, err := desk.Create(t.Context(), parsed(t, `{"resourceType":"Patient"}`)); err != nil {
			t.Errorf("the small one: %v", err)
		}
	}}
	for l := range lists {
		var items []string
		for i := range each {
			items = append(items, fmt.Sprintf(`{"item":{"reference":"Basic/b%d-%d"}}`, l, i))
		}
		list := parsed(t, `{"resourceType":"List","status":"current","mode":"working","entry":[%s]}`, strings.Join(items, ","))
		writes = append(writes, func() {
			if _, err := desk.Create(t.Context(), list); !fault.Is(err, fault.Unprocessable) {
				t.Errorf("a list: %v", err)
			}
		})
	}
	together(t, desk, writes...)
}

// TestManyConditions: a bundle whose conditions find more than the lock table takes has its tenant to itself instead.
func TestManyConditions(t *testing.T) {
	t.Parallel()
	d := dbtest.Open(t, dbtest.PostgresURL(t), db.Options{Params: store.PostgresSettings()})
	desk := openOn(t, d, store.Options{}).As(access.Inside(1, "test"))
	const bundles, each = 3, 9000
	post := func(entries []string) {
		t.Helper()
		r := parsed(t, `{"resourceType":"Bundle","type":"transaction","entry":[%s]}`, strings.Join(entries, ","))
		if _, err := desk.Transaction(t.Context(), fhir.Bundle{Resource: r}); err != nil {
			t.Fatal(err)
		}
	}
	entries := make([]string, each)
	for b := range bundles {
		for i := range each {
			entries[i] = fmt.Sprintf(`{"resource":{"resourceType":"Practitioner","identifier":[{"system":"s","value":"%d-%d"}]},"request":{"method":"POST","url":"Practitioner"}}`, b, i)
		}
		post(entries)
	}
	for i := range each {
		var refs []string
		for b := range bundles {
			refs = append(refs, fmt.Sprintf(`{"reference":"Practitioner?identifier=s|%d-%d"}`, b, i))
		}
		entries[i] = fmt.Sprintf(`{"resource":{"resourceType":"Observation","status":"final","code":{"text":"x"},"performer":[%s]},"request":{"method":"POST","url":"Observation"}}`, strings.Join(refs, ","))
	}
	post(entries)
}

// TestWhatTheBodyDecidesIsDecidedBefore: while the writer is busy, a reference to nothing contained is refused already.
func TestWhatTheBodyDecidesIsDecidedBefore(t *testing.T) {
	dbtest.Both(t, func(t *testing.T, d *db.DB) {
		desk := openOn(t, d, store.Options{Writers: 1}).As(access.Inside(1, "test"))
		body := parsed(t, `{"resourceType":"Patient","id":"p","contained":[{"resourceType":"Organization","id":"a"}],"managingOrganization":{"reference":"#b"}}`)
		if _, err := desk.Create(t.Context(), parsed(t, `{"resourceType":"Patient"}`)); err != nil { // numbers for more
			t.Fatal(err)
		}
		release := holdWriter(t, desk)
		defer close(release)
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		defer cancel()
		if _, err := desk.Update(ctx, body); !fault.Is(err, fault.Unprocessable) {
			t.Error(err)
		}
	})
}
