package audit

import (
	"sync"
	"testing"

	"github.com/ficushealth/ficus/engine/db"
	"github.com/ficushealth/ficus/engine/db/dbtest"
)

// BenchmarkRecord is the time that 64 readers who audit at the same time wait for one entry to be on disk, over all of them.
func BenchmarkRecord(b *testing.B) {
	for name, url := range map[string]func(testing.TB) string{"sqlite": dbtest.SQLiteURL, "postgres": durable} {
		b.Run(name, func(b *testing.B) {
			d := dbtest.Open(b, url(b), db.Options{})
			if err := Migrate(b.Context(), d); err != nil {
				b.Fatal(err)
			}
			l := NewLog(d, testKeys, Options{})
			defer l.Close()
			entry := readOf(1, "0198a3b2-7c1d-7e33-9d4f-8a5b6c7d8e9f")
			b.ResetTimer()
			var all sync.WaitGroup
			for w := range 64 {
				all.Go(func() {
					for i := w; i < b.N; i += 64 {
						if err := l.Record(b.Context(), entry); err != nil {
							b.Error(err)
							return
						}
					}
				})
			}
			all.Wait()
		})
	}
}

func durable(t testing.TB) string { return dbtest.StartPostgres(t, dbtest.Durable).Database(t) }

func BenchmarkBody(b *testing.B) {
	entries := many(1, "0198a3b2-7c1d-7e33-9d4f-8a5b6c7d8e9f", 64)
	for b.Loop() {
		encodeBody(nil, entries)
	}
}
