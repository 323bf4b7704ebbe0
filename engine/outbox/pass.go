package outbox

import (
	"context"
	"slices"

	"github.com/ficushealth/ficus/engine/db"
)

// Pass is what one pass of a sequencer did.
type Pass struct {
	Head  int64 // the highest feed number given so far
	Added int   // events that this pass numbered
	Held  bool  // another process was numbering, so this pass only looked
	More  bool  // there were more events than one pass takes
}

// passLimit bounds the events that one pass numbers, so that its transaction stays short.
const passLimit = 20_000

// sequencerLock is the advisory lock under which PostgreSQL numbers: the ASCII codes of "ficusq".
const sequencerLock = 0x666963757371

var sequence = struct{ lock, floor, runs, last, holes, tail, grow, insert, raise db.Text }{
	lock: db.Text{Postgres: `SELECT pg_try_advisory_xact_lock($1)`},
	floor: db.Text{Postgres: `SELECT floor, mark, mark_xid,
		pg_snapshot_xmin(pg_current_snapshot())::text::bigint, pg_snapshot_xmax(pg_current_snapshot())::text::bigint
		FROM outbox_floor`},
	runs: db.Text{Postgres: `SELECT first, change, count FROM outbox_run WHERE change >=
		(SELECT coalesce(max(change), 0) FROM outbox_run WHERE change <= (SELECT floor FROM outbox_floor))`},
	last: db.Text{Postgres: `SELECT first, change, count FROM outbox_run ORDER BY first DESC LIMIT 1`},
	holes: db.Text{Postgres: `SELECT h.i - 1, o.change
		FROM unnest($1::int8[], $2::int8[]) WITH ORDINALITY AS h (low, high, i)
		JOIN outbox o ON o.change BETWEEN h.low AND h.high`},
	tail:   db.Text{Postgres: `SELECT change FROM outbox WHERE change > $1 ORDER BY change LIMIT $2`},
	grow:   db.Text{Postgres: `UPDATE outbox_run SET count = count + $2 WHERE first = $1`},
	insert: db.Text{Postgres: `INSERT INTO outbox_run (first, change, count) SELECT * FROM unnest($1::int8[], $2::int8[], $3::int8[])`},
	raise: db.Text{Postgres: `UPDATE outbox_floor SET floor = $1, mark = $2,
		mark_xid = CASE WHEN $3 THEN pg_current_xact_id()::text::bigint ELSE mark_xid END`},
}

// position is what a pass finds when it begins.
type position struct {
	mine                     bool
	floor, mark, markXID     int64
	oldestRunning, nextKnown int64 // xmin and xmax of the snapshot
	runs                     []run
	last                     run
}

// passPostgres numbers what has appeared since the last pass, in one transaction.
func passPostgres(ctx context.Context, d *db.DB) (Pass, error) {
	var done Pass
	err := d.Write(ctx, func(t db.Tx) error {
		at, err := readPosition(ctx, t)
		if err != nil {
			return err
		}
		done.Head = at.last.next() - 1
		if !at.mine {
			done.Held = true
			return nil
		}
		changes, err := unnumbered(ctx, t, at)
		if err != nil {
			return err
		}
		done.Added, done.More = len(changes), len(changes) >= passLimit
		done.Head += int64(len(changes))
		return give(ctx, t, at, changes)
	})
	return done, err
}

func readPosition(ctx context.Context, t db.Tx) (position, error) {
	at := position{last: run{first: 1}}
	err := t.Pipeline(ctx, func(p *db.Pipe) {
		p.Query(sequence.lock, []any{int64(sequencerLock)}, func(r db.Row) error {
			at.mine = r.Bool(0)
			return nil
		})
		p.Query(sequence.floor, nil, func(r db.Row) error {
			at.floor, at.mark, at.markXID = r.Int64(0), r.Int64(1), r.Int64(2)
			at.oldestRunning, at.nextKnown = r.Int64(3), r.Int64(4)
			return nil
		})
		p.Query(sequence.runs, nil, func(r db.Row) error {
			at.runs = append(at.runs, run{r.Int64(0), r.Int64(1), r.Int64(2)})
			return nil
		})
		p.Query(sequence.last, nil, func(r db.Row) error {
			at.last = run{r.Int64(0), r.Int64(1), r.Int64(2)}
			return nil
		})
	})
	return at, err
}

// unnumbered reads, sorted, the visible changes above the floor that no run covers. It runs after readPosition in a
// transaction of the level read committed, so it sees at least what that snapshot saw.
func unnumbered(ctx context.Context, t db.Tx, at position) (changes []int64, err error) {
	spans, top := holes(at.floor, at.runs)
	var low, high, late []int64
	for _, s := range spans {
		low, high = append(low, s.low), append(high, s.high)
	}
	err = t.Pipeline(ctx, func(p *db.Pipe) {
		p.EachQuery(sequence.holes, func(r db.Row) error {
			late = append(late, r.Int64(1))
			return nil
		}, low, high)
		p.Query(sequence.tail, []any{top, passLimit}, func(r db.Row) error {
			changes = append(changes, r.Int64(0))
			return nil
		})
	})
	changes = append(late, changes...)
	slices.Sort(changes)
	return changes, err
}

// give writes the numbers and moves the floor. It writes nothing if there is nothing to say.
func give(ctx context.Context, t db.Tx, at position, changes []int64) error {
	floor, mark, fresh := at.raise(changes)
	if len(changes) == 0 && floor == at.floor && !fresh {
		return nil
	}
	longer, added := number(at.last, changes)
	var first, change, count []int64
	for _, r := range added {
		first, change, count = append(first, r.first), append(change, r.change), append(count, r.count)
	}
	return t.Last(ctx, func(p *db.Pipe) {
		if longer > 0 {
			p.Exec(sequence.grow, at.last.first, longer)
		}
		p.Each(sequence.insert, first, change, count)
		p.Exec(sequence.raise, floor, mark, fresh)
	})
}

// raise says where floor and mark stand after a pass that numbers these changes, and whether the mark is a fresh one that
// takes this transaction's id. A pending mark is kept until every transaction older than it has ended; under load a mark
// that followed the head would never get there. A mark from an id that this cluster has not reached yet came with a
// restored copy: it is taken anew.
func (at position) raise(changes []int64) (floor, mark int64, fresh bool) {
	floor, mark = at.floor, at.mark
	foreign := at.markXID > at.nextKnown
	if mark > floor && !foreign && at.oldestRunning < at.markXID {
		return floor, mark, false
	}
	if mark > floor && !foreign {
		floor = mark
	}
	top := at.top(changes)
	if top > mark || foreign && top > floor {
		return floor, top, true
	}
	return floor, mark, false
}

// top is the highest change that is in the feed after this pass.
func (at position) top(changes []int64) int64 {
	_, top := holes(at.floor, at.runs)
	if n := len(changes); n > 0 {
		top = max(top, changes[n-1])
	}
	return top
}
