package db_test

import (
	"testing"

	"github.com/ficushealth/ficus/engine/db"
	"github.com/ficushealth/ficus/engine/db/dbtest"
)

// TestStatementsAreWatched tells of each statement, alone, in a transaction and in a pipeline, once.
func TestStatementsAreWatched(t *testing.T) {
	dbtest.BothURLs(t, func(t *testing.T, url string) {
		var seen []string
		d := dbtest.Open(t, url, db.Options{Watch: func(s db.Text) { seen = append(seen, s.SQLite) }})
		none := func(db.Row) error { return nil }
		if err := d.Query(t.Context(), db.Same("SELECT 1"), nil, none); err != nil {
			t.Fatal(err)
		}
		err := d.Read(t.Context(), func(tx db.Tx) error {
			return tx.Pipeline(t.Context(), func(p *db.Pipe) {
				p.Query(db.Same("SELECT 2"), nil, none)
				p.Query(db.Same("SELECT 3"), nil, none)
			})
		})
		if err != nil || len(seen) != 3 || seen[0] != "SELECT 1" || seen[2] != "SELECT 3" {
			t.Error(seen, err)
		}
	})
}
