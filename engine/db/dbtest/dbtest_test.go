package dbtest

import (
	"testing"
	"time"

	"github.com/ficushealth/ficus/engine/db"
	"github.com/ficushealth/ficus/fault"
)

func TestBothGiveAFreshDatabase(t *testing.T) {
	for range 2 {
		Both(t, func(t *testing.T, d *db.DB) {
			if _, err := d.Exec(t.Context(), db.Same("CREATE TABLE only_here (a bigint)")); err != nil {
				t.Fatal(err)
			}
		})
	}
}

func TestAServerSurvivesKillAndStop(t *testing.T) {
	s := StartPostgres(t, Durable)
	url := s.Database(t)
	d := Open(t, url, db.Options{})
	must(t, d, "CREATE TABLE kept (a bigint)")
	for i, end := range []func(testing.TB){s.Kill, s.Stop, s.Kill} {
		must(t, d, "INSERT INTO kept VALUES (1)")
		end(t)
		started := time.Now()
		s.Start(t)
		t.Logf("restart took %v", time.Since(started))
		if err := d.Ping(t.Context()); err != nil && !fault.Is(err, fault.Unavailable) {
			t.Fatal(err)
		}
		var n int64
		err := d.Query(t.Context(), db.Same("SELECT count(*) FROM kept"), nil, func(r db.Row) error {
			n = r.Int64(0)
			return nil
		})
		if err != nil || n != int64(i+1) {
			t.Fatalf("after end %d: %d rows, %v", i, n, err)
		}
	}
}

func must(t *testing.T, d *db.DB, sql string) {
	t.Helper()
	if _, err := d.Exec(t.Context(), db.Same(sql)); err != nil {
		t.Fatal(err)
	}
}
