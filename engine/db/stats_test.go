package db_test

import (
	"testing"

	"github.com/ficushealth/ficus/engine/db"
	"github.com/ficushealth/ficus/engine/db/dbtest"
)

func TestStatsCountConnectionsInUse(t *testing.T) {
	dbtest.Both(t, func(t *testing.T, d *db.DB) {
		before := d.Stats()
		if before.InUse != 0 || before.Max < 2 {
			t.Errorf("at rest: %+v", before)
		}
		err := d.Read(t.Context(), func(tx db.Tx) error {
			if got := d.Stats(); got.InUse != 1 || got.Max != before.Max {
				t.Errorf("with a reader: %+v", got)
			}
			return tx.Query(t.Context(), db.Same(`SELECT 1`), nil, func(db.Row) error { return nil })
		})
		if err != nil {
			t.Error(err)
		}
		err = d.Write(t.Context(), func(tx db.Tx) error {
			if got := d.Stats(); got.InUse != 1 {
				t.Errorf("with a writer: %+v", got)
			}
			return nil
		})
		if err != nil {
			t.Error(err)
		}
		if got := d.Stats(); got != before {
			t.Errorf("afterwards: %+v", got)
		}
	})
}
