package store

import (
	"strings"
	"testing"

	"github.com/ficushealth/ficus/engine/db"
	"github.com/ficushealth/ficus/engine/db/dbtest"
)

// TestIndexTablesAreReadAsTheyLie: by an index PostgreSQL would go to and fro in a table that it reads as a whole.
func TestIndexTablesAreReadAsTheyLie(t *testing.T) {
	d := dbtest.Open(t, dbtest.PostgresURL(t), db.Options{Params: PostgresSettings()})
	for _, name := range []string{"schema/0001_store.postgres.sql", "schema/0002_forward.postgres.sql", "schema/0004_narrow.postgres.sql"} {
		text, err := schema.ReadFile(name)
		if err == nil {
			err = d.Write(t.Context(), func(tx db.Tx) error { return tx.Script(t.Context(), db.Same(string(text))) })
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	for _, stmt := range storedSQL[:5] {
		plan := ""
		err := d.Query(t.Context(), db.Same("EXPLAIN "+stmt.Postgres), []any{int32(1), int64(0), int64(5), int64(0), int64(endBlock)}, func(r db.Row) error {
			plan += r.Text(0) + "\n"
			return nil
		})
		if err != nil || !strings.HasPrefix(plan, "Tid Range Scan") {
			t.Error(plan, err)
		}
	}
}
