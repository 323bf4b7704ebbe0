package db_test

import (
	"fmt"
	"testing"

	"pgregory.net/rapid"

	"github.com/ficushealth/ficus/engine/db"
)

// TestColumnsAreRows writes random tables by Each and reads them back row by row.
func TestColumnsAreRows(t *testing.T) {
	both(t, func(t *testing.T, d *db.DB) {
		rapid.Check(t, func(rt *rapid.T) {
			rows := drawNotes(rt)
			write(t, d, func(tx db.Tx) error {
				if _, err := tx.Exec(t.Context(), db.Same("DELETE FROM note")); err != nil {
					return err
				}
				return eachNote(t.Context(), tx, rows)
			})
			if got := notes(t, d); fmt.Sprint(got) != fmt.Sprint(rows) {
				rt.Fatalf("got  %v\nwant %v", got, rows)
			}
		})
	})
}

func drawNotes(t *rapid.T) []note {
	rows := make([]note, rapid.IntRange(0, 20).Draw(t, "rows"))
	texts := rapid.StringOf(rapid.Rune().Filter(func(r rune) bool { return r != 0 }))
	for i := range rows {
		rows[i] = note{ID: int64(i), Data: rapid.SliceOf(rapid.Byte()).Draw(t, "data")}
		if rapid.Bool().Draw(t, "null data") {
			rows[i].Data = nil
		}
		rows[i].Body = maybe(t, texts)
		rows[i].Weight = maybe(t, rapid.Float64().Filter(func(f float64) bool { return f == f && f != 0 }))
		rows[i].Done = maybe(t, rapid.Bool())
	}
	return rows
}

// maybe draws a value or nil.
func maybe[T any](t *rapid.T, g *rapid.Generator[T]) *T {
	if rapid.Bool().Draw(t, "null") {
		return nil
	}
	return new(g.Draw(t, "value"))
}
