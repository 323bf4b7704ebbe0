package db

import (
	"context"
	"maps"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgconn/ctxwatch"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/ficushealth/ficus/fault"
)

// pg is a pool of PostgreSQL connections.
type pg struct {
	pool     *pgxpool.Pool
	readOnly bool
}

func openPostgres(ctx context.Context, rawURL string, o Options) (*pg, error) {
	config, err := pgxpool.ParseConfig(rawURL)
	if err != nil {
		// The cause may quote the URL, and with it the password.
		return nil, fault.New(fault.Invalid, "the database URL cannot be read: write postgres://USER:PASSWORD@HOST:PORT/NAME")
	}
	configure(config, o)
	pool, err := pgxpool.NewWithConfig(ctx, config)
	if err != nil {
		return nil, pgFault(err, false)
	}
	p := &pg{pool: pool, readOnly: o.ReadOnly}
	if err := p.ping(ctx); err != nil {
		pool.Close()
		return nil, err
	}
	return p, nil
}

func configure(c *pgxpool.Config, o Options) {
	c.MaxConns = 16
	if o.MaxConns > 0 {
		c.MaxConns = int32(o.MaxConns)
	}
	conn := c.ConnConfig
	conn.DefaultQueryExecMode = pgx.QueryExecModeCacheStatement
	if conn.ConnectTimeout == 0 {
		conn.ConnectTimeout = 10 * time.Second
	}
	conn.BuildContextWatcherHandler = func(c *pgconn.PgConn) ctxwatch.Handler {
		// Ask the server to stop, so that a cancelled call costs neither the connection nor the server's work.
		return &pgconn.CancelRequestContextWatcherHandler{Conn: c, DeadlineDelay: 2 * time.Second}
	}
	maps.Copy(conn.RuntimeParams, settings(o))
	c.AfterConnect = func(_ context.Context, c *pgx.Conn) error {
		registerColumns(c.TypeMap())
		return nil
	}
}

// settings are the session's; those in o.Params win.
func settings(o Options) map[string]string {
	s := map[string]string{
		"application_name":   "ficus",
		"jit":                "off",
		"timezone":           "UTC",
		"synchronous_commit": "on",
		"statement_timeout":  strconv.FormatInt(o.StatementTimeout.Milliseconds(), 10),
	}
	if o.Durability != Full {
		s["synchronous_commit"] = "off"
	}
	if o.Application != "" {
		s["application_name"] = o.Application
	}
	maps.Copy(s, o.Params)
	return s
}

func (p *pg) acquire(ctx context.Context, write bool) (session, error) {
	if write && p.readOnly {
		return nil, fault.New(fault.Unavailable, "the database is open for reading only")
	}
	conn, err := p.pool.Acquire(ctx)
	if err != nil {
		return nil, pgFault(err, false)
	}
	start := "begin isolation level repeatable read read only"
	if write {
		start = "begin isolation level read committed read write"
	}
	return &pgSession{pool: p.pool, pooled: conn, conn: conn.Conn(), start: start}, nil
}

func (p *pg) ping(ctx context.Context) error {
	s, err := p.acquire(ctx, false)
	if err != nil {
		return err
	}
	defer s.release()
	return s.run(ctx, []item{{stmt: Same("SELECT 1")}}, false)
}

func (p *pg) close() error {
	p.pool.Close()
	return nil
}
