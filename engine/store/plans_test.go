package store

import (
	"strings"
	"testing"

	"github.com/ficushealth/ficus/engine/db"
	"github.com/ficushealth/ficus/engine/db/dbtest"
)

// planned is an empty store's database, whose plans are those of a server: nobody has counted its tables yet.
func planned(t *testing.T) *db.DB {
	t.Helper()
	d := dbtest.Open(t, dbtest.PostgresURL(t), db.Options{Durability: db.Off, Params: PostgresSettings()})
	if err := Migrate(t.Context(), d); err != nil {
		t.Fatal(err)
	}
	return d
}

// planOf is how PostgreSQL carries a statement out.
func planOf(t *testing.T, d *db.DB, sql string, args ...any) string {
	t.Helper()
	var plan []string
	err := d.Query(t.Context(), db.Same("EXPLAIN (COSTS OFF) "+sql), args, func(r db.Row) error {
		plan = append(plan, r.Text(0))
		return nil
	})
	if err != nil {
		t.Fatal(err, sql)
	}
	return strings.Join(plan, "\n")
}
