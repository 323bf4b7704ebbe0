package audit

import (
	"crypto/ed25519"
	"fmt"
	"os"
	"testing"
	"time"

	"github.com/ficushealth/ficus/engine/db"
	"github.com/ficushealth/ficus/engine/db/dbtest"
)

// TestThePruningVictim is the process that TestKillingAPrunerLosesNothing kills: it prunes all but the last 20 days, a few blocks at a time.
// In a normal run it does nothing.
func TestThePruningVictim(t *testing.T) {
	url := os.Getenv(crashDB)
	if url == "" {
		return
	}
	d := dbtest.Open(t, url, db.Options{})
	p := pruner(t, d, "")
	p.atOnce = 2
	p.Now = func() time.Time {
		os.Stdout.WriteString("acknowledged a portion\n")
		time.Sleep(5 * time.Millisecond) // so that it is killed on its way
		return noon.AddDate(1, 0, 0)
	}
	if _, err := p.Prune(t.Context(), janitor, noon.AddDate(0, 0, prunedDays)); err != nil {
		t.Fatal(err)
	}
	time.Sleep(time.Minute)
}

const prunedDays, keptDays = 180, 20

// TestKillingAPrunerLosesNothing of what is to be kept; the chain verifies wherever the pruner was, and it goes on from there.
func TestKillingAPrunerLosesNothing(t *testing.T) {
	dbtest.BothURLs(t, func(t *testing.T, url string) {
		d := dbtest.Open(t, url, db.Options{})
		if err := Migrate(t.Context(), d); err != nil {
			t.Fatal(err)
		}
		l, s := newLog(t, d), NewSealer(d, testKeys, SealOptions{})
		defer s.Close()
		for day := range prunedDays + keptDays {
			e := readOf(1, fmt.Sprint(day))
			e.At = noon.AddDate(0, 0, day)
			mustChange(t, d, l, e)
			mustSeal(t, s)
		}
		mustPost(t, s)
		for range 4 {
			if d.Dialect() == db.SQLite { // the file has one writer
				if err := d.Close(); err != nil {
					t.Fatal(err)
				}
			}
			killedIn(t, "TestThePruningVictim", url, func(p *os.Process) { p.Kill() })
			if d.Dialect() == db.SQLite {
				d = dbtest.Open(t, url, db.Options{})
			}
			keptAfterKill(t, d)
		}
		p := Pruner{DB: d, Keys: testKeys, Log: newLog(t, d), Sign: ed25519.NewKeyFromSeed(make([]byte, 32)), Now: func() time.Time { return noon.AddDate(1, 0, 0) }}
		if _, err := p.Prune(t.Context(), janitor, noon.AddDate(0, 0, prunedDays)); err != nil {
			t.Fatal(err)
		}
		if r := mustVerify(t, d, ""); !r.OK() || r.Pruned.Upto != prunedDays {
			t.Errorf("%+v", r)
		}
		keptAfterKill(t, d)
	})
}

// keptAfterKill asks for every entry that was not to be pruned, by plain reading and by the index, and that the chain verifies.
func keptAfterKill(t *testing.T, d *db.DB) {
	t.Helper()
	report := mustVerify(t, d, "")
	if !report.OK() {
		t.Errorf("%+v", report.Problems)
	}
	if report.Pruned != nil {
		t.Logf("pruned up to %d", report.Pruned.Upto)
	}
	if n := len(collect(t, d, 1, Filter{From: noon.AddDate(0, 0, prunedDays), Action: "read"})); n != keptDays {
		t.Errorf("%d are left of %d", n, keptDays)
	}
	for day := prunedDays; day < prunedDays+keptDays; day++ {
		if got := pages(t, d, Filter{Type: "Patient", ID: fmt.Sprint(day)}, 5, func() {}); len(got) != 1 {
			t.Errorf("day %d is found %d times", day, len(got))
		}
	}
}
