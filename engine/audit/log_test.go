package audit

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"

	"github.com/ficushealth/ficus/engine/db"
	"github.com/ficushealth/ficus/fault"
)

func pendingRows(t *testing.T, d *db.DB, tenant int32) (rows []row) {
	t.Helper()
	err := d.Query(t.Context(), pending.ofTenant, []any{tenant}, func(r db.Row) error {
		rows = append(rows, rowAt(r))
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

func TestAChangeAndItsEntryHappenTogether(t *testing.T) {
	both(t, func(t *testing.T, d *db.DB) {
		l := newLog(t, d)
		mustChange(t, d, l, many(1, "a", 5)...)
		if err := change(t.Context(), d, l, errRolledBack, readOf(1, "lost")); !errors.Is(err, errRolledBack) {
			t.Fatal(err)
		}
		mustChange(t, d, l, readOf(1, "b"), readOf(2, "c"), readOf(1, "d"))
		rows := pendingRows(t, d, 1)
		if len(rows) != 2 || rows[1].counter != 2 {
			t.Fatalf("%d rows, the last with number %d", len(rows), rows[len(rows)-1].counter)
		}
		_, entries, ok := decodeBody(rows[1].body)
		if !ok || len(entries) != 2 || entries[1].Things[0].ID != "d" {
			t.Errorf("the second row holds %v", entries)
		}
		if rows := pendingRows(t, d, 2); len(rows) != 1 || rows[0].counter != 1 {
			t.Errorf("the other tenant has %v", rows)
		}
	})
}

func TestNoChangeWithoutItsEntry(t *testing.T) {
	both(t, func(t *testing.T, d *db.DB) {
		noKey := fault.New(fault.Unavailable, "no key")
		l := NewLog(d, func(int32) ([32]byte, error) { return [32]byte{}, noKey }, Options{})
		defer l.Close()
		err := d.Write(t.Context(), func(tx db.Tx) error {
			return tx.Last(t.Context(), func(p *db.Pipe) {
				p.Exec(db.Same("INSERT INTO audit_block VALUES (1, 1, 1, 1, 1, '', '', '')"))
				l.Append(t.Context(), p, many(1, "a", 1))
			})
		})
		if !errors.Is(err, noKey) || blocks(t, d) != 0 {
			t.Errorf("got %v and %d rows", err, blocks(t, d))
		}
	})
}

func blocks(t *testing.T, d *db.DB) (n int) {
	t.Helper()
	err := d.Query(t.Context(), db.Same("SELECT count(*) FROM audit_block"), nil, func(r db.Row) error {
		n = int(r.Int64(0))
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func TestRecordsShareCommitsAndLoseNothing(t *testing.T) {
	both(t, func(t *testing.T, d *db.DB) {
		l := newLog(t, d)
		var all sync.WaitGroup
		for w := range 32 {
			all.Go(func() {
				for i := range 20 {
					if err := l.Record(t.Context(), readOf(1, fmt.Sprintf("%d-%d", w, i))); err != nil {
						t.Error(err)
					}
				}
			})
		}
		all.Wait()
		rows := pendingRows(t, d, 1)
		seen := map[string]bool{}
		for _, r := range rows {
			_, entries, ok := decodeBody(r.body)
			if !ok {
				t.Fatal("a row cannot be read")
			}
			for _, e := range entries {
				seen[e.Things[0].ID] = true
			}
		}
		if len(seen) != 640 || len(rows) > 320 {
			t.Errorf("%d entries in %d rows", len(seen), len(rows))
		}
	})
}

func TestAfterCloseNothingIsRecorded(t *testing.T) {
	both(t, func(t *testing.T, d *db.DB) {
		l := NewLog(d, testKeys, Options{})
		if err := l.Record(t.Context(), readOf(1, "a")); err != nil {
			t.Fatal(err)
		}
		l.Close()
		l.Close()
		if err := l.Record(t.Context(), readOf(1, "b")); !fault.Is(err, fault.Unavailable) {
			t.Errorf("after Close: %v", err)
		}
		if n := len(pendingRows(t, d, 1)); n != 1 {
			t.Errorf("%d rows", n)
		}
	})
}

func TestOneTenantWithoutKeyDoesNotStopTheOthers(t *testing.T) {
	both(t, func(t *testing.T, d *db.DB) {
		l := NewLog(d, func(tenant int32) ([32]byte, error) {
			if tenant == 2 {
				return [32]byte{}, fault.New(fault.Internal, "no key")
			}
			return testKeys(tenant)
		}, Options{})
		defer l.Close()
		var all sync.WaitGroup
		for i := range 64 {
			tenant := int32(1 + i%2)
			all.Go(func() {
				if err := l.Record(t.Context(), readOf(tenant, fmt.Sprint(i))); (err == nil) != (tenant == 1) {
					t.Errorf("tenant %d: %v", tenant, err)
				}
			})
		}
		all.Wait()
	})
}

func TestACallerMayGiveUp(t *testing.T) {
	both(t, func(t *testing.T, d *db.DB) {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if err := newLog(t, d).Record(ctx, readOf(1, "a")); err != nil && !fault.Is(err, fault.TimedOut) {
			t.Errorf("got %v", err)
		}
	})
}
