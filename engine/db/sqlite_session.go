package db

import (
	"context"
	"errors"
	"time"
)

// liteSession is a SQLite connection in use.
type liteSession struct {
	conn    *liteConn
	pool    *lite
	write   bool
	start   string // the statement that begins a transaction
	due     bool   // begin with the next run
	unwatch func()
	cancel  context.CancelFunc
	ctx     context.Context
}

func (s *liteSession) watch(ctx context.Context, limit time.Duration) {
	s.cancel = func() {}
	if limit > 0 {
		ctx, s.cancel = context.WithTimeout(ctx, limit)
	}
	s.ctx, s.unwatch = ctx, s.conn.watch(ctx)
}

func (s *liteSession) begin() { s.due = true }

func (s *liteSession) beginNow() error {
	if !s.due {
		return nil
	}
	s.due = false
	return s.conn.exec(s.start)
}

// run keeps the order of events of PostgreSQL's pipeline: after the first error of a scan function the other statements
// still run, but no other scan function is called.
func (s *liteSession) run(_ context.Context, items []item, commit bool) error {
	if err := s.beginNow(); err != nil {
		return s.explain(err)
	}
	var failed error
	for i := range items {
		err := s.item(&items[i], failed != nil)
		if _, ok := err.(scanError); ok {
			failed = err
			continue
		}
		if err != nil {
			return s.explain(at(err, i, len(items), items[i].stmt.SQLite))
		}
	}
	if commit {
		if err := s.commit(s.ctx); err != nil {
			return err
		}
	}
	return failed
}

// at adds which statement failed.
func at(err error, i, n int, sql string) error {
	if e, ok := errors.AsType[*Error](err); ok && e.Statement == "" {
		e.Statement = place(i, n, sql)
	}
	return err
}

// explain gives an interrupted call its reason.
func (s *liteSession) explain(err error) error {
	if e, ok := errors.AsType[*Error](err); ok && e.Code == "SQLITE_INTERRUPT" {
		e.cause = s.ctx.Err()
	}
	return err
}

func (s *liteSession) item(it *item, mute bool) error {
	stmt, err := s.conn.prepare(it.stmt.SQLite)
	if err != nil {
		return err
	}
	defer stmt.Reset()
	if it.cols != nil {
		return s.rows(it, stmt, mute)
	}
	if stmt.BindParamCount() != len(it.args) {
		return misuse("the statement has %d placeholders, the call %d arguments", stmt.BindParamCount(), len(it.args))
	}
	for i, a := range it.args {
		if err := bind(stmt.Stmt, i+1, a); err != nil {
			return err
		}
	}
	return s.steps(it, stmt, mute)
}

// rows runs the statement once for each row of the columns.
func (s *liteSession) rows(it *item, stmt *liteStmt, mute bool) error {
	indexed := 0
	if it.scan != nil {
		indexed = 1
	}
	if want := len(it.cols) + indexed; stmt.BindParamCount() != want {
		return misuse("the statement has %d placeholders, not %d", stmt.BindParamCount(), want)
	}
	var failed error // of the scan function; the rows behind it are run all the same, as PostgreSQL does
	for row := range it.rows {
		for i, c := range it.cols {
			if err := c.bind(stmt.Stmt, i+1, row); err != nil {
				return err
			}
		}
		if indexed == 1 {
			stmt.BindInt64(len(it.cols)+1, int64(row))
		}
		err := s.steps(it, stmt, mute || failed != nil)
		if _, ok := err.(scanError); ok {
			failed = err
		} else if err != nil {
			return err
		}
		if err := stmt.Reset(); err != nil {
			return liteFault(err)
		}
	}
	return failed
}

func (s *liteSession) steps(it *item, stmt *liteStmt, mute bool) error {
	row := liteRow{stmt: stmt.Stmt, conn: s.conn}
	for {
		more, err := stmt.Step()
		if err != nil {
			return liteFault(err)
		}
		if !more {
			break
		}
		if it.scan == nil || mute {
			continue
		}
		s.conn.arena = s.conn.arena[:0]
		if err := it.scan(&row); err != nil {
			return scanError{err}
		}
		if row.err != nil {
			return scanError{row.err}
		}
	}
	if it.count != nil {
		*it.count += int64(s.conn.conn.Changes())
	}
	return nil
}

func (s *liteSession) script(_ context.Context, sql string) error {
	if err := s.beginNow(); err != nil {
		return s.explain(err)
	}
	return s.explain(s.conn.script(sql))
}

func (s *liteSession) commit(context.Context) error {
	if s.conn.conn.AutocommitEnabled() {
		return nil
	}
	return s.explain(s.conn.exec("COMMIT"))
}

func (s *liteSession) rollback() error {
	if s.conn.conn.AutocommitEnabled() {
		return nil
	}
	s.unwatch() // a call that was cancelled must still be able to roll back
	s.unwatch = func() {}
	return s.conn.exec("ROLLBACK")
}

func (s *liteSession) release() {
	s.unwatch()
	s.cancel()
	if cap(s.conn.arena) > 1<<20 {
		s.conn.arena = nil
	}
	if s.write {
		s.pool.writer <- s.conn
		return
	}
	s.pool.put(s.conn)
}
