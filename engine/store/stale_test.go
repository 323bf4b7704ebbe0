package store_test

import (
	"testing"

	"github.com/ficushealth/ficus/engine/access"
	"github.com/ficushealth/ficus/engine/db"
	"github.com/ficushealth/ficus/engine/db/dbtest"
	"github.com/ficushealth/ficus/engine/store"
)

// TestStaleRowsCannotHurt leaves the index rows of a deleted resource behind, as a mistake would: it can be put again.
func TestStaleRowsCannotHurt(t *testing.T) {
	dbtest.Both(t, func(t *testing.T, d *db.DB) {
		s := openOn(t, d, store.Options{})
		desk := s.As(access.Inside(1, "test"))
		must := func(_ any, err error) {
			t.Helper()
			if err != nil {
				t.Fatal(err)
			}
		}
		exec := func(sql string) { _, err := d.Exec(t.Context(), db.Same(sql)); must(nil, err) }
		body := pastPatient(t, "a", "x")
		must(desk.Update(t.Context(), body))
		tables := []string{"ix_token", "ix_string"}
		for _, table := range tables {
			exec(`CREATE TABLE kept_` + table + ` AS SELECT * FROM ` + table)
		}
		must(desk.Delete(t.Context(), "Patient", "a"))
		for _, table := range tables {
			exec(`INSERT INTO ` + table + ` SELECT * FROM kept_` + table)
		}
		must(desk.Update(t.Context(), body))
		if report, err := s.CheckIndex(t.Context(), 1, 0, 0); err != nil || len(report.Faults) > 0 {
			t.Errorf("%+v %v", report, err)
		}
	})
}
