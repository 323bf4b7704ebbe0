package audit

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/ficushealth/ficus/engine/db"
	"github.com/ficushealth/ficus/engine/db/dbtest"
)

// both runs a story on each database, with the tables of the audit in place.
func both(t *testing.T, story func(t *testing.T, d *db.DB)) {
	t.Helper()
	dbtest.Both(t, func(t *testing.T, d *db.DB) {
		if err := Migrate(t.Context(), d); err != nil {
			t.Fatal(err)
		}
		story(t, d)
	})
}

// testKeys gives every tenant a key of its own.
func testKeys(tenant int32) (key [32]byte, err error) {
	key[0], key[31] = byte(tenant), 0x5a
	return key, nil
}

func newLog(t *testing.T, d *db.DB) *Log {
	t.Helper()
	l := NewLog(d, testKeys, Options{})
	t.Cleanup(l.Close)
	return l
}

var noon = time.Date(2026, 11, 20, 12, 0, 0, 123000, time.UTC)

func readOf(tenant int32, id string) Entry {
	return Entry{Tenant: tenant, At: noon, Action: "read", Outcome: Success, Subject: "client/one", Client: "console",
		Address: "10.0.0.7", RequestID: "r-" + id, Purpose: "TREAT", Things: []Thing{{Type: "Patient", ID: id, Version: 3}}}
}

// change stores entries as the store does: with a transaction.
func change(ctx context.Context, d *db.DB, l *Log, result error, entries ...Entry) error {
	return d.Write(ctx, func(tx db.Tx) error {
		var failed error
		err := tx.Pipeline(ctx, func(p *db.Pipe) { failed = l.Append(ctx, p, entries) })
		return errors.Join(failed, err, result)
	})
}

func mustChange(t *testing.T, d *db.DB, l *Log, entries ...Entry) {
	t.Helper()
	if err := change(t.Context(), d, l, nil, entries...); err != nil {
		t.Fatal(err)
	}
}

func many(tenant int32, prefix string, n int) (entries []Entry) {
	for i := range n {
		entries = append(entries, readOf(tenant, fmt.Sprintf("%s%d", prefix, i)))
	}
	return entries
}

// sealAlong runs n sealers until the function that it returns is called.
func sealAlong(t *testing.T, d *db.DB, n int) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	var all sync.WaitGroup
	for range n {
		all.Go(func() {
			s := NewSealer(d, testKeys, SealOptions{})
			defer s.Close()
			for ctx.Err() == nil {
				if _, err := s.Seal(ctx); err != nil && ctx.Err() == nil {
					t.Error(err)
				}
			}
		})
	}
	return func() {
		cancel()
		all.Wait()
	}
}
