package app

import (
	"context"
	"log/slog"
	"math/rand/v2"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/ficushealth/ficus/engine/db"
	"github.com/ficushealth/ficus/engine/db/dbtest"
	"github.com/ficushealth/ficus/engine/store"
	"github.com/ficushealth/ficus/fhir"
)

// aged makes an index as an older program has left it: without the rows of dates, with others that nobody asks for.
func aged(ctx context.Context, a *Tenancy) error {
	for _, sql := range []string{`DELETE FROM ix_date`, `INSERT INTO ix_token (tenant, hash, rid, system) SELECT tenant, 17, rid, 0 FROM resource`,
		`UPDATE index_form SET edition = 0`} {
		if _, err := a.DB.Exec(ctx, db.Same(sql)); err != nil {
			return err
		}
	}
	return nil
}

// TestTheIndexIsCheckedAndRepaired looks beside a server, which has brought an old index up to date by itself, and repairs what is damaged.
func TestTheIndexIsCheckedAndRepaired(t *testing.T) {
	dbtest.BothURLs(t, func(t *testing.T, url string) {
		folder := filepath.Dir(strings.TrimPrefix(url, "sqlite:"))
		if !strings.HasPrefix(url, "sqlite:") {
			folder = t.TempDir()
		}
		d := Place{Database: Database{DB: url, KeyFile: filepath.Join(folder, "key")}}
		index := func(want int, args ...string) string {
			t.Helper()
			code, out, about := ficus(t, append(append([]string{"admin", "index"}, args...), "--db", d.DB, "--key-file", d.KeyFile)...)
			if code != want {
				t.Fatal(args, code, out, about)
			}
			return out + about
		}
		err := administer(t.Context(), d, func(a *Tenancy) error {
			r, err := fhir.Parse([]byte(`{"resourceType":"Patient","id":"p","birthDate":"1970-01-01","gender":"male"}`), fhir.Limits{})
			if err == nil {
				_, err = a.Store.As(a.operator()).Update(t.Context(), r)
			}
			if err == nil {
				err = aged(t.Context(), a)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		if out := index(exitDone, "status"); !strings.Contains(out, "the work has not begun yet") || !strings.Contains(out, "waiting for a server") {
			t.Error(out)
		}
		if out := index(exitFailed, "check"); !strings.Contains(out, "ix_date   Patient/p        1      0") || !strings.Contains(out, "ix_token  Patient/p        0      1") {
			t.Error(out)
		}
		if out := index(exitDone, "repair"); !strings.Contains(out, "1 resources compared, 1 repaired: 1 rows added, 1 removed") {
			t.Error(out)
		}
		if out := index(exitDone, "status"); !strings.Contains(out, "has the form of this version") {
			t.Error(out)
		}
		if err := administer(t.Context(), d, func(a *Tenancy) error { return aged(t.Context(), a) }); err != nil {
			t.Fatal(err)
		}
		a, err := Open(t.Context(), Config{Database: d.Database, Address: Address{Listen: "127.0.0.1:0"}}, slog.New(slog.DiscardHandler))
		if err != nil {
			t.Fatal(err)
		}
		defer a.Close()
		ctx, stop := context.WithCancel(t.Context())
		idle, err := a.background(ctx)
		if err != nil {
			t.Fatal(err)
		}
		defer idle.Wait()
		defer stop()
		for until := time.Now().Add(30 * time.Second); !strings.Contains(index(exitDone, "status"), "has the form of this version"); time.Sleep(50 * time.Millisecond) {
			if time.Now().After(until) {
				t.Fatal(index(exitDone, "status"))
			}
		}
		if out := index(exitDone, "check"); !strings.Contains(out, "1 resources compared") {
			t.Error(out)
		}
	})
}

// TestKilledRepair kills servers that bring an old index up to date, and the command that repairs it, at random moments, and wants
// the whole index at last.
func TestKilledRepair(t *testing.T) {
	dbtest.BothURLs(t, func(t *testing.T, url string) {
		d := Place{Database: Database{DB: url, KeyFile: filepath.Join(t.TempDir(), "key")}}
		with := func(do func(*Tenancy) error) {
			t.Helper()
			if err := administer(t.Context(), d, do); err != nil {
				t.Fatal(err)
			}
		}
		with(func(a *Tenancy) error {
			if err := many(a, 3000); err != nil {
				return err
			}
			return aged(t.Context(), a)
		})
		for n := range 4 {
			args := []string{"serve", "--listen", "127.0.0.1:0"}
			if n%2 == 1 {
				args = []string{"admin", "index", "repair"}
			}
			killedOnce(t, d, time.Second/2+time.Duration(rand.Int64N(int64(time.Second))), args...)
			with(func(a *Tenancy) error { // the lease of the dead process is over
				_, err := a.DB.Exec(t.Context(), db.Same(`UPDATE job SET lease_until = 1 WHERE state = 'running'`))
				return err
			})
		}
		with(func(a *Tenancy) error { // the parameter of the test is no matter of this one
			_, err := a.DB.Exec(t.Context(), db.Same(`UPDATE search_param SET state = 2`))
			return err
		})
		killedOnce(t, d, 2*time.Minute, "admin", "index", "repair")
		with(func(a *Tenancy) error {
			form, err := store.ReadForm(t.Context(), a.DB, a.Tenant)
			if err != nil || !form.Whole() {
				t.Errorf("%+v %v", form, err)
			}
			report, err := a.Store.CheckIndex(t.Context(), a.Tenant, 0, 0)
			if len(report.Faults) > 0 {
				t.Errorf("%+v", report.Faults[:1])
			}
			return err
		})
	})
}
