package store_test

import (
	"context"
	"testing"

	"github.com/ficushealth/ficus/engine/access"
	"github.com/ficushealth/ficus/engine/audit"
	"github.com/ficushealth/ficus/engine/db"
	"github.com/ficushealth/ficus/engine/db/dbtest"
	"github.com/ficushealth/ficus/engine/store"
	"github.com/ficushealth/ficus/fault"
)

// notes is a sink over a table of two columns.
type notes struct{}

func (notes) Name() string { return "test.Note" }

func (notes) Apply(ctx context.Context, tx db.Tx, tenant int32, records []store.Record) error {
	for _, r := range records {
		_, err := tx.Exec(ctx, db.Same(`INSERT INTO test_note (tenant, id, body) VALUES ($1, $2, $3)
			ON CONFLICT (tenant, id) DO UPDATE SET body = excluded.body`), tenant, r.ID, *r.Values["body"])
		if err != nil {
			return err
		}
	}
	return nil
}

func (notes) Read(ctx context.Context, tx db.Tx, tenant int32, ids []string) (found []store.Record, err error) {
	for _, id := range ids {
		err := tx.Query(ctx, db.Same(`SELECT body FROM test_note WHERE tenant = $1 AND id = $2`), []any{tenant, id}, func(r db.Row) error {
			body := r.Text(0)
			found = append(found, store.Record{ID: id, Values: map[string]*string{"body": &body}})
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	return found, nil
}

func (n notes) Hold(ctx context.Context, tx db.Tx, tenant int32, ids []string) ([]store.Record, error) {
	return n.Read(ctx, tx, tenant, ids)
}

func (notes) Delete(ctx context.Context, tx db.Tx, tenant int32, ids []string) error {
	for _, id := range ids {
		if _, err := tx.Exec(ctx, db.Same(`DELETE FROM test_note WHERE tenant = $1 AND id = $2`), tenant, id); err != nil {
			return err
		}
	}
	return nil
}

func (notes) List(context.Context, db.Tx, int32, string, int) ([]string, error) { return nil, nil }

func note(id, body string) store.Record {
	return store.Record{ID: id, Values: map[string]*string{"body": &body}}
}

// TestRecordsAreNumberedStampedAndAudited writes, changes and deletes a record, and then changes it behind the store's back.
func TestRecordsAreNumberedStampedAndAudited(t *testing.T) {
	dbtest.Both(t, func(t *testing.T, d *db.DB) {
		s, ctx := openOn(t, d, store.Options{}), t.Context()
		if _, err := d.Exec(ctx, db.Same(`CREATE TABLE test_note (tenant bigint, id text, body text, PRIMARY KEY (tenant, id))`)); err != nil {
			t.Fatal(err)
		}
		write := func(fn func(c *store.Change)) {
			t.Helper()
			if err := s.As(access.Inside(1, "module")).Write(ctx, func(c *store.Change) error { fn(c); return nil }); err != nil {
				t.Fatal(err)
			}
		}
		read := func() (store.Kept, error) {
			var kept []store.Kept
			err := d.Read(ctx, func(tx db.Tx) (err error) {
				kept, err = s.Records(ctx, tx, 1, notes{}, []string{"a", "nobody"})
				return err
			})
			if err != nil || len(kept) != 1 {
				return store.Kept{}, err
			}
			return kept[0], nil
		}
		write(func(c *store.Change) { c.Records(notes{}, []store.Record{note("a", "first"), note("a", "1")}) })
		write(func(c *store.Change) { c.Records(notes{}, []store.Record{note("a", "2")}) })
		if k, err := read(); err != nil || k.Version != 2 || k.Gone || *k.Values["body"] != "2" {
			t.Fatalf("%+v, %v", k, err)
		}
		write(func(c *store.Change) { c.Forget(notes{}, []string{"a", "nobody"}) })
		if k, err := read(); err != nil || k.Version != 3 || !k.Gone || k.Values != nil {
			t.Fatalf("%+v, %v", k, err)
		}
		write(func(c *store.Change) { c.Records(notes{}, []store.Record{note("a", "4")}) })
		if got, want := audited(t, d), "create 1 update 2 delete 3 create 4 "; got != want {
			t.Errorf("%s, want %s", got, want)
		}
		for _, stmt := range []string{
			`UPDATE test_note SET body = 'x'`, `UPDATE record_stamp SET version = 3`, `DELETE FROM test_note`, `DELETE FROM record_stamp`,
		} {
			forged := d.Write(ctx, func(tx db.Tx) error {
				if _, err := tx.Exec(ctx, db.Same(stmt)); err != nil {
					return err
				}
				_, err := s.Records(ctx, tx, 1, notes{}, []string{"a"})
				return err
			})
			if !fault.Is(forged, fault.Internal) {
				t.Errorf("%s: %v", stmt, forged)
			}
		}
		if k, err := read(); err != nil || k.Version != 4 {
			t.Errorf("%+v, %v", k, err)
		}
	})
}

func audited(t *testing.T, d *db.DB) (said string) {
	t.Helper()
	err := d.Read(t.Context(), func(tx db.Tx) error {
		return audit.Scan(t.Context(), tx, 1, func(e audit.Entry) error {
			for _, thing := range e.Things {
				if thing.Type == "test.Note" && thing.ID == "a" {
					said += e.Action + " " + string(rune('0'+thing.Version)) + " "
				}
			}
			return nil
		})
	})
	if err != nil {
		t.Fatal(err)
	}
	return said
}
