package db

import (
	"context"
	"time"
)

// Tx is a running transaction, for one goroutine, until the function that received it returns. The first statement that
// fails ends it: every later call returns the same error, and nothing is committed.
type Tx struct{ c *core }

type core struct {
	session session
	dialect Dialect
	pool    pool
	slow    *slowness
	watch   func(Text)
	failed  error
	ends    []func(error) // told at the end
	ended   bool          // committed or failed to commit
	busy    bool          // inside a scan function
}

// Dialect is the kind of the database.
func (t Tx) Dialect() Dialect { return t.c.dialect }

// Query runs a statement that yields rows and calls scan for each; scan must not use the transaction. Its error ends the
// query, is returned as it is and leaves the transaction usable.
func (t Tx) Query(ctx context.Context, stmt Text, args []any, scan func(Row) error) error {
	var p Pipe
	p.Query(stmt, args, scan)
	return t.one(ctx, p)
}

// Exec runs a statement without rows and gives the number of rows that it inserted, updated or deleted.
func (t Tx) Exec(ctx context.Context, stmt Text, args ...any) (int64, error) {
	var p Pipe
	n := p.Exec(stmt, args...)
	err := t.one(ctx, p)
	return *n, err
}

// Each runs a statement for every row of a table given by its columns: equally long slices ([]int64, []int32, []int,
// []float64, []bool, []string, [][]byte, or []Null of a type). On SQLite the statement runs once per row with the row's
// values as $1..$n; on PostgreSQL it runs once and holds unnest($1::int8[], $2::text[], ...). No rows: nothing is run.
func (t Tx) Each(ctx context.Context, stmt Text, cols ...any) error {
	var p Pipe
	p.Each(stmt, cols...)
	return t.one(ctx, p)
}

// EachQuery looks up every row of a table given by its columns, as in Each. The first column of the result is the index of
// the input row, from 0: on SQLite the placeholder behind the last column holds it, on PostgreSQL it is
// ordinality - 1 of unnest(...) WITH ORDINALITY.
func (t Tx) EachQuery(ctx context.Context, stmt Text, scan func(Row) error, cols ...any) error {
	var p Pipe
	p.EachQuery(stmt, scan, cols...)
	return t.one(ctx, p)
}

// Pipeline sends what fn queues in one round trip. Scan functions are called, in order, before Pipeline returns; an error
// of one of them fails the transaction.
func (t Tx) Pipeline(ctx context.Context, fn func(*Pipe)) error {
	var p Pipe
	fn(&p)
	err := t.run(ctx, p, false)
	if s, ok := err.(scanError); ok {
		t.c.failed = s.err
		return s.err
	}
	return err
}

// Last sends what fn queues together with the commit, in one round trip, and ends the transaction. If a statement fails,
// nothing is committed. A scan function cannot stop the commit any more (its error is returned after it), so the
// statements carry their guards in SQL.
func (t Tx) Last(ctx context.Context, fn func(*Pipe)) error {
	var p Pipe
	fn(&p)
	return callers(t.run(ctx, p, true))
}

// Script runs several statements without arguments, separated by semicolons: for schema files.
func (t Tx) Script(ctx context.Context, script Text) error {
	if err := t.usable(ctx); err != nil {
		return err
	}
	t.c.failed = t.c.session.script(ctx, script.in(t.c.dialect))
	return t.c.failed
}

func (t Tx) one(ctx context.Context, p Pipe) error { return callers(t.run(ctx, p, false)) }

// callers unwraps an error that came from a scan function.
func callers(err error) error {
	if s, ok := err.(scanError); ok {
		return s.err
	}
	return err
}

func (t Tx) run(ctx context.Context, p Pipe, last bool) error {
	t.c.ends = append(t.c.ends, p.ends...)
	if err := t.usable(ctx); err != nil {
		return err
	}
	if p.err != nil {
		t.c.failed = p.err
		return p.err
	}
	if t.c.watch != nil {
		for _, i := range p.items {
			t.c.watch(i.stmt)
		}
	}
	t.c.busy = true
	began := time.Now()
	err := t.c.session.run(ctx, p.items, last)
	t.c.slow.saw(t.c.pool, t.c.dialect, p.items, began, err)
	t.c.busy = false
	_, scan := err.(scanError)
	if err != nil && !scan {
		t.c.failed = err
		return err
	}
	t.c.ended = last
	return err
}

func (t Tx) usable(ctx context.Context) error {
	switch {
	case t.c.busy:
		return misuse("a scan function used its transaction")
	case t.c.failed != nil:
		return t.c.failed
	case t.c.ended:
		return misuse("the transaction has ended")
	case ctx.Err() != nil:
		t.c.failed = stopped(ctx.Err())
		return t.c.failed
	}
	return nil
}

// tell reports the end of the transaction to those who asked for it. err is what the caller of the transaction gets.
func (c *core) tell(err error) {
	switch {
	case c.ended:
		err = nil
	case InDoubt(c.failed):
		err = c.failed
	case err == nil:
		err = misuse("the transaction was left by a panic")
	}
	for _, fn := range c.ends {
		fn(err)
	}
}
