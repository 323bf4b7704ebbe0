package store_test

import (
	"context"
	"testing"

	"github.com/ficushealth/ficus/engine/access"
	"github.com/ficushealth/ficus/engine/db"
	"github.com/ficushealth/ficus/engine/db/dbtest"
	"github.com/ficushealth/ficus/engine/store"
	"github.com/ficushealth/ficus/fault"
)

func TestAChangeThatLosesTakesBackWhatItDid(t *testing.T) {
	dbtest.Both(t, func(t *testing.T, d *db.DB) {
		ctx := t.Context()
		if _, err := d.Exec(ctx, db.Same(`CREATE TABLE aside (n bigint)`)); err != nil {
			t.Fatal(err)
		}
		desk := openOn(t, d, store.Options{}).As(access.Inside(1, "test"))
		try := func(id string) error {
			return desk.Write(ctx, func(c *store.Change) error {
				c.Update(pastPatient(t, id, "x"), store.IfAbsent())
				c.Do(func(ctx context.Context, tx db.Tx) error {
					_, err := tx.Exec(ctx, db.Same(`INSERT INTO aside (n) VALUES (1)`))
					return err
				})
				return nil
			})
		}
		if err := try("a"); err != nil {
			t.Fatal(err)
		}
		if err := try("a"); !fault.Is(err, fault.Stale) {
			t.Fatal(err)
		}
		var n int64
		err := d.Query(ctx, db.Same(`SELECT count(*) FROM aside`), nil, func(r db.Row) error {
			n = r.Int64(0)
			return nil
		})
		if err != nil || n != 1 {
			t.Errorf("%d rows beside the change, want 1 (%v)", n, err)
		}
	})
}
