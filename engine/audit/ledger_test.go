package audit

import (
	"errors"
	"testing"

	"pgregory.net/rapid"
)

var errRolledBack = errors.New("rolled back")

// TestEveryMissingNumberIsExplained runs random transactions that end in random order, and looks at the rows that are
// committed as Verify does: a number below the highest has a row, or some row gives it up, or the last row knows it to be
// under way.
func TestEveryMissingNumberIsExplained(t *testing.T) {
	type running struct {
		n    uint64
		told []gap
	}
	rapid.Check(t, func(t *rapid.T) {
		l := newLedger()
		var under []running
		stored, seen := newCensus(), map[uint64]bool{}
		for range rapid.IntRange(1, 60).Draw(t, "steps") {
			if len(under) == 0 || rapid.Bool().Draw(t, "begin") {
				n, told := l.issue()
				under = append(under, running{n, told})
				continue
			}
			i := rapid.IntRange(0, len(under)-1).Draw(t, "which")
			r := under[i]
			under = append(under[:i], under[i+1:]...)
			if rapid.Bool().Draw(t, "roll back") {
				l.settle(r.n, r.told, errRolledBack)
				continue
			}
			if seen[r.n] {
				t.Fatalf("number %d is stored twice", r.n)
			}
			seen[r.n] = true
			l.settle(r.n, r.told, nil)
			stored.add(r.n, r.told)
			if missing := stored.missing(); len(missing) > 0 {
				t.Fatalf("without explanation: %v", missing)
			}
		}
	})
}

func TestNumbersDoNotPileUpWhileTheDatabaseIsAway(t *testing.T) {
	l := newLedger()
	n, told := l.issue()
	l.settle(n, told, nil)
	for range 1000 {
		n, told := l.issue()
		l.settle(n, told, errRolledBack)
	}
	if n, told := l.issue(); n != 2 || len(told) != 0 {
		t.Errorf("the next number is %d, and tells %v", n, told)
	}
}
