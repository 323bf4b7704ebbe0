package db

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/ficushealth/ficus/fault"
)

// pgSession is a PostgreSQL connection in use.
type pgSession struct {
	pool   *pgxpool.Pool
	pooled *pgxpool.Conn
	conn   *pgx.Conn
	start  string // the statement that begins a transaction
	due    bool   // begin with the next run
}

func (s *pgSession) begin() { s.due = true }

// run sends everything in one round trip.
func (s *pgSession) run(ctx context.Context, items []item, commit bool) error {
	if len(items) == 0 && (s.due || !commit) {
		return nil
	}
	t := trip{items: items}
	if s.due {
		t.control(s.start)
		s.due = false
	}
	for i := range items {
		t.add(i)
	}
	if commit {
		t.control("commit")
	}
	err := s.conn.SendBatch(ctx, &t.batch).Close()
	if err == nil {
		return t.scanned
	}
	return t.explain(ctx, s.fault(err), commit)
}

// fault gives an error its kind. When the server is away, the pool drops its other connections too: they are as dead.
func (s *pgSession) fault(err error) error {
	f := pgFault(err, s.conn.IsClosed())
	if fault.Is(f, fault.Unavailable) && s.conn.IsClosed() {
		s.pool.Reset()
	}
	return f
}

func (s *pgSession) script(ctx context.Context, sql string) error {
	if s.due {
		if err := s.command(ctx, s.start); err != nil {
			return err
		}
		s.due = false
	}
	return s.command(ctx, sql)
}

// command runs statements without arguments by the simple protocol.
func (s *pgSession) command(ctx context.Context, sql string) error {
	_, err := s.conn.PgConn().Exec(ctx, sql).ReadAll()
	return s.fault(err)
}

func (s *pgSession) commit(ctx context.Context) error {
	if s.due {
		return nil
	}
	return s.run(ctx, nil, true)
}

// rollback works for a cancelled call too. A connection that cannot be brought back is closed; the server rolls back then.
func (s *pgSession) rollback() error {
	c := s.conn.PgConn()
	if c.IsClosed() || (c.TxStatus() == 'I' && !c.IsBusy()) {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	if c.IsBusy() {
		return s.conn.Close(ctx)
	}
	return s.command(ctx, "rollback")
}

func (s *pgSession) release() { s.pooled.Release() }
