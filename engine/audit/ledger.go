package audit

import (
	"cmp"
	"maps"
	"slices"

	"github.com/ficushealth/ficus/engine/db"
)

// gapKind says why a number of a writer may have no row.
type gapKind uint8

const (
	void  gapKind = iota // its transaction was rolled back
	doubt                // the connection was lost while it was committed
	open                 // its transaction still ran when the row was written
)

// gap is a range of numbers of one writer and tenant.
type gap struct {
	from, count uint64
	kind        gapKind
}

// ledger counts the rows of one writer for one tenant, from 1, and knows which numbers have to be explained. It is not safe
// for concurrent use.
type ledger struct {
	next uint64
	gaps map[uint64]gapKind
}

func newLedger() *ledger { return &ledger{next: 1, gaps: map[uint64]gapKind{}} }

// issue gives the next number, and the gaps that its row has to tell.
func (l *ledger) issue() (n uint64, gaps []gap) {
	gaps = l.told()
	n = l.next
	l.next++
	l.gaps[n] = open
	return n, gaps
}

func (l *ledger) told() (gaps []gap) {
	for _, n := range slices.SortedFunc(maps.Keys(l.gaps), cmp.Compare[uint64]) {
		last := len(gaps) - 1
		if last >= 0 && gaps[last].kind == l.gaps[n] && gaps[last].from+gaps[last].count == n {
			gaps[last].count++
			continue
		}
		gaps = append(gaps, gap{n, 1, l.gaps[n]})
	}
	return gaps
}

// settle notes how the transaction of number n ended, where its row told the gaps: nil means that it was committed, so what
// it told need not be told again.
func (l *ledger) settle(n uint64, told []gap, err error) {
	switch {
	case err == nil:
		delete(l.gaps, n)
		l.forget(told)
	case db.InDoubt(err):
		l.gaps[n] = doubt
	default:
		l.gaps[n] = void
		l.takeBack()
	}
}

func (l *ledger) forget(told []gap) {
	for _, g := range told {
		for n := g.from; n < g.from+g.count && g.kind != open; n++ {
			delete(l.gaps, n)
		}
	}
}

// takeBack reuses the newest numbers if they were given up: while the database is away, numbers would pile up otherwise.
func (l *ledger) takeBack() {
	for l.next > 1 {
		kind, known := l.gaps[l.next-1]
		if !known || kind != void {
			return
		}
		l.next--
		delete(l.gaps, l.next)
	}
}
