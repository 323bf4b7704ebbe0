package audit

import (
	"crypto/ed25519"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/ficushealth/ficus/engine/access"
	"github.com/ficushealth/ficus/engine/db"
	"github.com/ficushealth/ficus/fault"
)

func pruner(t *testing.T, d *db.DB, anchor string) Pruner {
	t.Helper()
	return Pruner{DB: d, Keys: testKeys, Log: newLog(t, d), Sign: ed25519.NewKeyFromSeed(make([]byte, 32)), Anchor: anchor, Now: func() time.Time { return noon.AddDate(8, 0, 0) }}
}

// years makes a block for each of some years, by two writers that also roll back, and gives the anchor.
func years(t *testing.T, d *db.DB, n int) (l *Log, s *Sealer, anchor string) {
	t.Helper()
	anchor = filepath.Join(t.TempDir(), "anchor")
	l, s = newLog(t, d), NewSealer(d, testKeys, SealOptions{Anchor: anchor})
	t.Cleanup(s.Close)
	other := newLog(t, d)
	for year := range n {
		e := many(1, fmt.Sprintf("y%d-", year), 3)
		for i := range e {
			e[i].At = noon.AddDate(year, 0, 0)
		}
		mustChange(t, d, l, e...)
		if err := change(t.Context(), d, l, errRolledBack, readOf(1, "lost")); err == nil {
			t.Fatal("it was not rolled back")
		}
		mustChange(t, d, other, e[0])
		mustSeal(t, s)
	}
	return l, s, anchor
}

var janitor = access.Inside(1, "janitor")

func TestWhatIsOldIsPrunedAndVerifyGoesOnBehindIt(t *testing.T) {
	both(t, func(t *testing.T, d *db.DB) {
		l, s, anchor := years(t, d, 6)
		p := pruner(t, d, anchor)
		first, err := p.Prune(t.Context(), janitor, noon.AddDate(1, 6, 0))
		if err != nil || first == nil || first.Upto != 2 || first.Entries != 8 || !first.Last.Equal(noon.AddDate(1, 0, 0)) {
			t.Fatal(err, first)
		}
		if !ed25519.Verify(p.Sign.Public().(ed25519.PublicKey), first.Statement(), first.Signature) {
			t.Error("the signature does not fit")
		}
		if again, err := p.Prune(t.Context(), janitor, noon.AddDate(1, 6, 0)); again != nil || err != nil {
			t.Error(again, err)
		}
		second, err := p.Prune(t.Context(), janitor, noon.AddDate(3, 6, 0))
		if err != nil || second == nil || second.Since != 3 || second.Upto != 4 {
			t.Fatal(err, second)
		}
		mustChange(t, d, l, readOf(1, "after")) // by a writer whose first rows are gone
		mustSeal(t, s)
		report := mustVerify(t, d, anchor)
		if !report.OK() || report.Pruned == nil || report.Pruned.Upto != 4 || report.Entries != 2*4+2+1 {
			t.Errorf("%+v", report)
		}
		found := pages(t, d, Filter{}, 3, func() {})
		if len(found) != report.Entries {
			t.Errorf("a search finds %d of %d", len(found), report.Entries)
		}
		if got := pages(t, d, Filter{Type: "Patient", ID: "y0-1"}, 3, func() {}); len(got) != 0 {
			t.Error("what was pruned is found")
		}
		if got := pages(t, d, Filter{Action: "prune"}, 3, func() {}); len(got) != 2 || !strings.Contains(got[1].Detail, "blocks 1 to 2, 8 entries") {
			t.Errorf("on record: %+v", got)
		}
	})
}

func TestTheNewestBlockStays(t *testing.T) {
	both(t, func(t *testing.T, d *db.DB) {
		l, s, anchor := years(t, d, 3)
		if got, err := pruner(t, d, anchor).Prune(t.Context(), janitor, noon.AddDate(99, 0, 0)); err != nil || got == nil || got.Upto != 2 {
			t.Fatal(err, got)
		}
		mustChange(t, d, l, readOf(1, "after"))
		mustSeal(t, s)
		if report := mustVerify(t, d, anchor); !report.OK() {
			t.Errorf("%+v", report.Problems)
		}
	})
}

func TestWhatIsNotWholeIsNotPruned(t *testing.T) {
	both(t, func(t *testing.T, d *db.DB) {
		_, _, anchor := years(t, d, 4)
		mustExec(t, d, `UPDATE audit_block SET count = count + 1 WHERE n = 2`)
		if _, err := pruner(t, d, anchor).Prune(t.Context(), janitor, noon.AddDate(99, 0, 0)); !fault.Is(err, fault.Conflict) {
			t.Error(err)
		}
		if n := blocks(t, d); n != 4 {
			t.Errorf("%d blocks are left", n)
		}
	})
}

// TestPruningCannotBeMadeUp: what somebody without the key does to the row of what was pruned, or in its name, is found.
func TestPruningCannotBeMadeUp(t *testing.T) {
	both(t, func(t *testing.T, d *db.DB) {
		_, _, anchor := years(t, d, 6)
		p := pruner(t, d, anchor)
		for _, years := range []int{1, 2} {
			if _, err := p.Prune(t.Context(), janitor, noon.AddDate(years, 6, 0)); err != nil {
				t.Fatal(err)
			}
		}
		for _, column := range []string{"since", "count", "first", "last", "at"} {
			if report := harm(t, d, anchor, `UPDATE audit_pruned SET `+column+` = `+column+` + 1 WHERE upto = 3`); report.OK() {
				t.Errorf("%s: not found", column)
			}
		}
		for name, statements := range map[string][]string{
			"a block more":          {`DELETE FROM audit_block WHERE n = 4`},
			"and the row moved":     {`DELETE FROM audit_block WHERE n = 4`, `UPDATE audit_pruned SET upto = 4 WHERE upto = 3`},
			"the last row removed":  {`DELETE FROM audit_pruned WHERE upto = 3`},
			"the first row removed": {`DELETE FROM audit_pruned WHERE upto = 2`},
			"all rows removed":      {`DELETE FROM audit_pruned`},
			"another's writers":     {`UPDATE audit_pruned SET writers = mac WHERE upto = 3`},
			"no writers":            {`UPDATE audit_pruned SET writers = NULL WHERE upto = 3`},
			"a row for the rest":    {`INSERT INTO audit_pruned SELECT tenant, 5, 4, count, first, last, at, hash, sum, mac, signature, writers FROM audit_pruned WHERE upto = 3`, `DELETE FROM audit_block WHERE n < 6`},
		} {
			if report := harm(t, d, anchor, statements...); report.OK() {
				t.Errorf("%s: not found", name)
			}
		}
		for _, column := range []string{"hash", "sum", "mac", "signature", "writers"} {
			flipAll(t, d, anchor, "audit_pruned", column, 5)
		}
		if report := mustVerify(t, d, anchor); !report.OK() {
			t.Errorf("afterwards: %+v", report.Problems)
		}
	})
}
