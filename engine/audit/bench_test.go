package audit

import (
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

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

// BenchmarkSize tells what an entry takes on disk in the chain, and in its index: a read of a resource of one of a thousand
// patients by one of fifty users, sealed in blocks of 5 and of 200 entries.
func BenchmarkSize(b *testing.B) {
	for _, entries := range []int{5, 200} {
		for name, url := range map[string]func(testing.TB) string{"sqlite": dbtest.SQLiteURL, "postgres": dbtest.PostgresURL} {
			b.Run(fmt.Sprintf("%s/%d", name, entries), func(b *testing.B) {
				d := dbtest.Open(b, url(b), db.Options{})
				if err := Migrate(b.Context(), d); err != nil {
					b.Fatal(err)
				}
				sealReads(b, d, entries, 20_000)
				all := sizeOf(b, d)
				for _, table := range []string{"audit_post", "audit_run"} {
					if _, err := d.Exec(b.Context(), db.Same(`DELETE FROM `+table)); err != nil {
						b.Fatal(err)
					}
				}
				chain := sizeOf(b, d)
				b.ReportMetric(chain/20_000, "chain-B/entry")
				b.ReportMetric((all-chain)/20_000, "index-B/entry")
				b.ReportMetric(0, "ns/op")
			})
		}
	}
}

func sealReads(b *testing.B, d *db.DB, perBlock, n int) {
	l, s := NewLog(d, testKeys, Options{}), NewSealer(d, testKeys, SealOptions{})
	defer l.Close()
	defer s.Close()
	r := rand.New(rand.NewPCG(1, 1))
	for done := 0; done < n; done += perBlock {
		var list []Entry
		for i := range perBlock {
			patient := fmt.Sprintf("0198a3b2-7c1d-7e33-9d4f-%012d", r.IntN(1000))
			list = append(list, Entry{Tenant: 1, At: noon.Add(time.Duration(done+i) * time.Second), Action: "read", Outcome: Success, Subject: fmt.Sprintf("user/0198a3b2-7c1d-7e33-9d4f-%012d", r.IntN(50)),
				Name: "Dr. Somebody", Client: "client/console", Session: "0198a3b2-7c1d-7e33-9d4f-0123456789ab", Address: "10.0.0.7", Agent: "console/1.0", RequestID: fmt.Sprintf("%016x", r.Uint64()), Purpose: "TREAT",
				Things: []Thing{{Type: "Observation", ID: fmt.Sprintf("0198a3b2-7c1d-7e33-9d4f-%012d", r.IntN(100_000)), Version: 1}}, Patients: []string{patient}})
		}
		err := d.Write(b.Context(), func(tx db.Tx) error {
			return tx.Last(b.Context(), func(p *db.Pipe) { l.Append(b.Context(), p, list) })
		})
		if err != nil {
			b.Fatal(err)
		}
		if _, err := s.Seal(b.Context()); err != nil {
			b.Fatal(err)
		}
	}
}

// sizeOf is the size of the tables, without what has been freed.
func sizeOf(b *testing.B, d *db.DB) (size float64) {
	stmt := db.Text{
		SQLite:   `SELECT (p.page_count - f.freelist_count) * s.page_size FROM pragma_page_count p, pragma_freelist_count f, pragma_page_size s`,
		Postgres: `SELECT CASE WHEN EXISTS (SELECT 1 FROM audit_post) THEN pg_total_relation_size('audit_post') + pg_total_relation_size('audit_run') ELSE 0 END + pg_total_relation_size('audit_block')`,
	}
	err := d.Query(b.Context(), stmt, nil, func(r db.Row) error {
		size = float64(r.Int64(0))
		return nil
	})
	if err != nil {
		b.Fatal(err)
	}
	return size
}
