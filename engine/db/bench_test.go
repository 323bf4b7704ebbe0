package db_test

import (
	"sync/atomic"
	"testing"

	"github.com/ficushealth/ficus/engine/db"
	"github.com/ficushealth/ficus/engine/db/dbtest"
)

// BenchmarkPointRead reads a 3 KB row by its key.
func BenchmarkPointRead(b *testing.B) {
	onBoth(b, func(b *testing.B, d *db.DB) {
		stmt := db.Same("SELECT data FROM note WHERE id = $1")
		for b.Loop() {
			err := d.Query(b.Context(), stmt, []any{int64(7)}, func(r db.Row) error {
				_ = r.Bytes(0)
				return nil
			})
			if err != nil {
				b.Fatal(err)
			}
		}
	})
}

// BenchmarkParallelRead is BenchmarkPointRead from many goroutines.
func BenchmarkParallelRead(b *testing.B) {
	onBoth(b, func(b *testing.B, d *db.DB) {
		stmt := db.Same("SELECT data FROM note WHERE id = $1")
		b.SetParallelism(8)
		b.RunParallel(func(pb *testing.PB) {
			for pb.Next() {
				err := d.Query(b.Context(), stmt, []any{int64(7)}, func(r db.Row) error {
					_ = r.Bytes(0)
					return nil
				})
				if err != nil {
					b.Error(err)
				}
			}
		})
	})
}

// BenchmarkWriteGroup writes 100 rows in two round trips; ns/op is per group.
func BenchmarkWriteGroup(b *testing.B) {
	onBoth(b, func(b *testing.B, d *db.DB) {
		var next atomic.Int64
		next.Store(1000)
		for b.Loop() {
			ids, bodies, data := make([]int64, 100), make([]string, 100), make([][]byte, 100)
			weights, done := make([]float64, 100), make([]bool, 100)
			for i := range ids {
				ids[i], bodies[i], data[i] = next.Add(1), "body", make([]byte, 600)
			}
			err := d.Write(b.Context(), func(tx db.Tx) error {
				if err := tx.Pipeline(b.Context(), func(p *db.Pipe) {
					p.Query(db.Same("SELECT 1"), nil, func(db.Row) error { return nil })
				}); err != nil {
					return err
				}
				return tx.Last(b.Context(), func(p *db.Pipe) { p.Each(insertNotes, ids, bodies, data, weights, done) })
			})
			if err != nil {
				b.Fatal(err)
			}
		}
	})
}

func onBoth(b *testing.B, run func(b *testing.B, d *db.DB)) {
	for name, open := range map[string]func(testing.TB) *db.DB{"sqlite": dbtest.SQLite, "postgres": dbtest.Postgres} {
		b.Run(name, func(b *testing.B) {
			d := open(b)
			if _, err := d.Exec(b.Context(), makeNotes); err != nil {
				b.Fatal(err)
			}
			for id := range 100 {
				if _, err := d.Exec(b.Context(), insertNote, id, "body", make([]byte, 3000), nil, nil); err != nil {
					b.Fatal(err)
				}
			}
			run(b, d)
		})
	}
}
