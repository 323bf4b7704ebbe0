package audit

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/ficushealth/ficus/engine/db"
)

// chain makes a record of tenant 1 with five blocks and two waiting rows, by two writers with one number given up, and some
// of tenant 2. It returns the path of its anchor.
func chain(t *testing.T, d *db.DB) string {
	t.Helper()
	anchor := filepath.Join(t.TempDir(), "anchor")
	s := NewSealer(d, testKeys, SealOptions{Anchor: anchor})
	t.Cleanup(s.Close)
	one, two := newLog(t, d), newLog(t, d)
	for i := range 5 {
		mustChange(t, d, one, many(1, fmt.Sprint("a", i), 3)...)
		mustChange(t, d, two, readOf(1, fmt.Sprint("b", i)), readOf(2, "x"))
		mustSeal(t, s)
	}
	mustPost(t, s)
	giveUpOne(t, d, one)
	mustChange(t, d, two, readOf(1, "last"))
	return anchor
}

// giveUpOne rolls a transaction back behind which another one was numbered.
func giveUpOne(t *testing.T, d *db.DB, l *Log) {
	t.Helper()
	a, err := l.account(1)
	if err != nil {
		t.Fatal(err)
	}
	n, told := a.issue()
	mustChange(t, d, l, readOf(1, "behind"))
	l.settle(a, n, told, errRolledBack)
}

func mustSeal(t *testing.T, s *Sealer) {
	t.Helper()
	if _, err := s.Seal(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// mustPost takes what is sealed into the index, however little it is.
func mustPost(t *testing.T, s *Sealer) {
	t.Helper()
	s.waits = nil
	mustSeal(t, s)
}

func mustVerify(t *testing.T, d *db.DB, anchor string) *Report {
	t.Helper()
	report, err := Verify(t.Context(), d, testKeys, 1, anchor)
	if err != nil {
		t.Fatal(err)
	}
	return report
}

func TestAnUntouchedRecordIsWhole(t *testing.T) {
	both(t, func(t *testing.T, d *db.DB) {
		report := mustVerify(t, d, chain(t, d))
		if !report.OK() || report.Blocks != 5 || report.Entries != 5*4+2 || report.Waiting != 2 || !report.From.Equal(noon) {
			t.Errorf("%+v", report)
		}
	})
}

// harm changes the record with SQL inside a transaction, verifies it there, and takes the change back.
func harm(t *testing.T, d *db.DB, anchor string, statements ...string) (report *Report) {
	t.Helper()
	undo := errors.New("undo")
	err := d.Write(t.Context(), func(tx db.Tx) (err error) {
		for _, s := range statements {
			if _, err := tx.Exec(t.Context(), db.Same(s)); err != nil {
				return fmt.Errorf("%s: %w", s, err)
			}
		}
		if report, err = verify(context.Background(), tx, nil, testKeys, 1, anchor); err != nil {
			return err
		}
		return undo
	})
	if !errors.Is(err, undo) {
		t.Fatal(err)
	}
	return report
}

func TestHarmIsFoundAndNamed(t *testing.T) {
	both(t, func(t *testing.T, d *db.DB) {
		anchor := chain(t, d)
		for _, c := range []struct {
			name       string
			statements []string
			block      int64
			harm       Harm
		}{
			{"a block removed", []string{`DELETE FROM audit_block WHERE tenant = 1 AND n = 3`}, 3, Removed},
			{"the first removed", []string{`DELETE FROM audit_block WHERE tenant = 1 AND n = 1`}, 1, Removed},
			{"the last removed", []string{`DELETE FROM audit_block WHERE tenant = 1 AND n = 5`}, 5, Truncated},
			{"the last two removed", []string{`DELETE FROM audit_block WHERE tenant = 1 AND n >= 4`}, 4, Truncated},
			{"all removed", []string{`DELETE FROM audit_block WHERE tenant = 1`}, 1, Truncated},
			{"removed and renumbered", []string{`DELETE FROM audit_block WHERE tenant = 1 AND n = 3`,
				`UPDATE audit_block SET n = 3 WHERE tenant = 1 AND n = 4`, `UPDATE audit_block SET n = 4 WHERE tenant = 1 AND n = 5`}, 3, Reordered},
			{"two exchanged", []string{`UPDATE audit_block SET n = 99 WHERE tenant = 1 AND n = 2`,
				`UPDATE audit_block SET n = 2 WHERE tenant = 1 AND n = 3`, `UPDATE audit_block SET n = 3 WHERE tenant = 1 AND n = 99`}, 2, Reordered},
			{"a block of another tenant", []string{`UPDATE audit_block SET body = (SELECT body FROM audit_block WHERE tenant = 2 AND n = 2)
				WHERE tenant = 1 AND n = 2`}, 2, Changed},
			{"a count", []string{`UPDATE audit_block SET count = count + 1 WHERE tenant = 1 AND n = 2`}, 2, Changed},
			{"the earliest time", []string{`UPDATE audit_block SET first = first - 1 WHERE tenant = 1 AND n = 4`}, 4, Changed},
			{"the latest time", []string{`UPDATE audit_block SET last = last + 1 WHERE tenant = 1 AND n = 4`}, 4, Changed},
			{"a copy at the end", []string{`INSERT INTO audit_block SELECT tenant, 6, count, first, last, prev, hash, body
				FROM audit_block WHERE tenant = 1 AND n = 5`}, 6, Reordered},
			{"a page removed", []string{`DELETE FROM audit_post WHERE tenant = 1`}, 1, Changed},
			{"a page of another tenant", []string{`UPDATE audit_post SET body = (SELECT body FROM audit_post WHERE tenant = 2) WHERE tenant = 1`}, 1, Changed},
			{"a page put elsewhere", []string{`UPDATE audit_post SET hash = hash + 1 WHERE tenant = 1`}, 1, Changed},
			{"a page under another block", []string{`UPDATE audit_post SET n = n + 1 WHERE tenant = 1`}, 1, Changed},
			{"a page without its run", []string{`UPDATE audit_post SET run = 2 WHERE tenant = 1`}, 1, Changed},
			{"a page made up", []string{`INSERT INTO audit_post SELECT tenant, run, 4294967295, 2, body FROM audit_post WHERE tenant = 1`}, 1, Changed},
			{"a run that begins later", []string{`UPDATE audit_run SET low = 2 WHERE tenant = 1`}, 2, Changed},
			{"a run that ends earlier", []string{`UPDATE audit_run SET high = 4 WHERE tenant = 1`}, 1, Changed},
			{"a run that ends later", []string{`UPDATE audit_run SET high = 6 WHERE tenant = 1`}, 1, Changed},
			{"a run of fewer pairs", []string{`UPDATE audit_run SET pairs = pairs - 1 WHERE tenant = 1`}, 1, Changed},
			{"a run made up", []string{`INSERT INTO audit_run VALUES (1, 6, 6, 0)`}, 6, Changed},
			{"a day cut short", []string{`UPDATE audit_day SET high = 4 WHERE tenant = 1`}, 1, Changed},
			{"a day removed", []string{`DELETE FROM audit_day WHERE tenant = 1`}, 1, Changed},
			{"a waiting row renumbered", []string{`UPDATE audit_pending SET counter = counter + 1 WHERE tenant = 1`}, 0, Changed},
			{"a waiting row backdated", []string{`UPDATE audit_pending SET at = at - 1 WHERE tenant = 1`}, 0, Changed},
			{"a waiting row of another writer", []string{`UPDATE audit_pending SET writer = mac WHERE tenant = 1`}, 0, Changed},
		} {
			report := harm(t, d, anchor, c.statements...)
			if report.OK() {
				t.Errorf("%s: not found", c.name)
			} else if p := report.Problems[0]; p.Block != c.block || p.Harm != c.harm {
				t.Errorf("%s: %+v", c.name, report.Problems)
			}
		}
		if report := mustVerify(t, d, anchor); !report.OK() {
			t.Errorf("afterwards: %+v", report.Problems)
		}
	})
}

func TestARowThatNeverReachedTheChainIsMissed(t *testing.T) {
	both(t, func(t *testing.T, d *db.DB) {
		l, s := newLog(t, d), NewSealer(d, testKeys, SealOptions{})
		defer s.Close()
		for i := range 3 {
			mustChange(t, d, l, readOf(1, fmt.Sprint(i)))
		}
		if _, err := d.Exec(t.Context(), db.Same(`DELETE FROM audit_pending WHERE counter = 2`)); err != nil {
			t.Fatal(err)
		}
		mustSeal(t, s)
		if report := mustVerify(t, d, ""); len(report.Problems) != 1 || report.Problems[0].Harm != Removed {
			t.Errorf("%+v", report.Problems)
		}
	})
}

func TestARowThatIsSealedTwiceIsFound(t *testing.T) {
	both(t, func(t *testing.T, d *db.DB) {
		l, s := newLog(t, d), NewSealer(d, testKeys, SealOptions{})
		defer s.Close()
		mustChange(t, d, l, readOf(1, "a"))
		copyRow := db.Same(`INSERT INTO audit_pending (tenant, counter, at, writer, mac, body)
			SELECT tenant, counter, at, writer, mac, body FROM audit_pending`)
		if _, err := d.Exec(t.Context(), copyRow); err != nil {
			t.Fatal(err)
		}
		mustSeal(t, s)
		if report := mustVerify(t, d, ""); len(report.Problems) != 1 || report.Problems[0].Harm != Repeated {
			t.Errorf("%+v", report.Problems)
		}
	})
}

// TestAnyByte flips one bit of every byte that is stored.
func TestAnyByte(t *testing.T) {
	both(t, func(t *testing.T, d *db.DB) {
		step := 1
		if d.Dialect() == db.Postgres {
			step = 23 // a round trip for each
		}
		anchor := chain(t, d)
		for table, columns := range map[string][]string{"audit_block": {"prev", "hash", "body"}, "audit_pending": {"writer", "mac", "body"}, "audit_post": {"body"}} {
			for _, column := range columns {
				flipAll(t, d, anchor, table, column, step)
			}
		}
	})
}

func flipAll(t *testing.T, d *db.DB, anchor, table, column string, step int) {
	t.Helper()
	key := map[string]string{"audit_block": "n", "audit_pending": "seq", "audit_pruned": "upto", "audit_post": "run"}[table]
	cells := map[int64][]byte{}
	list := db.Same("SELECT " + key + ", " + column + " FROM " + table + " WHERE tenant = 1")
	err := d.Query(t.Context(), list, nil, func(r db.Row) error {
		cells[r.Int64(0)] = r.Bytes(1)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	set := db.Same("UPDATE " + table + " SET " + column + " = $1 WHERE tenant = 1 AND " + key + " = $2")
	undo := errors.New("undo")
	for n, cell := range cells {
		for i := 0; i < len(cell); i += step {
			err := d.Write(t.Context(), func(tx db.Tx) error {
				cell[i] ^= 1 << (i % 8)
				defer func() { cell[i] ^= 1 << (i % 8) }()
				if _, err := tx.Exec(t.Context(), set, cell, n); err != nil {
					return err
				}
				report, err := verify(t.Context(), tx, nil, testKeys, 1, anchor)
				if err == nil && report.OK() {
					t.Errorf("%s.%s of %d, byte %d: not found", table, column, n, i)
				}
				return errors.Join(err, undo)
			})
			if !errors.Is(err, undo) || len(cells) == 0 {
				t.Fatal(err)
			}
		}
	}
}

func TestTheAnchorIsReadWithCare(t *testing.T) {
	both(t, func(t *testing.T, d *db.DB) {
		anchor := chain(t, d)
		if _, err := Verify(t.Context(), d, testKeys, 1, anchor+"x"); err == nil {
			t.Error("a missing anchor is no error")
		}
		text, err := os.ReadFile(anchor)
		if err != nil {
			t.Fatal(err)
		}
		for name, c := range map[string]struct {
			content string
			ok      bool
		}{
			"half a line":   {string(text) + `{"tenant":1,"bl`, true},
			"cut short":     {string(text[:len(text)/2]), true},
			"not an anchor": {string(text) + "hello\n", false},
			"made up":       {string(text) + `{"tenant":1,"block":9,"hash":"00","mac":"00"}` + "\n", false},
		} {
			path := filepath.Join(t.TempDir(), "anchor")
			if err := os.WriteFile(path, []byte(c.content), 0o600); err != nil {
				t.Fatal(err)
			}
			if report := mustVerify(t, d, path); report.OK() != c.ok {
				t.Errorf("%s: %+v", name, report.Problems)
			}
		}
	})
}

// TestALineThatACrashCutOffIsNoFault seals on after a crash in the middle of a line.
func TestALineThatACrashCutOffIsNoFault(t *testing.T) {
	both(t, func(t *testing.T, d *db.DB) {
		anchor := filepath.Join(t.TempDir(), "anchor")
		l := newLog(t, d)
		seal := func(id string) {
			s := NewSealer(d, testKeys, SealOptions{Anchor: anchor})
			defer s.Close()
			mustChange(t, d, l, readOf(1, id))
			mustSeal(t, s)
		}
		seal("a")
		seal("b")
		text, err := os.ReadFile(anchor)
		if err != nil {
			t.Fatal(err)
		}
		for _, left := range []int{1, 5, 20, 100} {
			if err := os.WriteFile(anchor, text[:len(text)-left], 0o600); err != nil {
				t.Fatal(err)
			}
			seal("c")
			if r := mustVerify(t, d, anchor); !r.OK() || r.Anchored != r.Blocks {
				t.Errorf("%d bytes lost: %v, anchored %d of %d", left, r.Problems, r.Anchored, r.Blocks)
			}
		}
	})
}
