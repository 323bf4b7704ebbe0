package db

import (
	"context"
	"net/url"
	"strings"
	"time"

	"github.com/ficushealth/ficus/fault"
)

// Durability says when a commit counts as done.
type Durability uint8

// The zero value is the safe one.
const (
	Full   Durability = iota // on disk: synchronous=FULL, synchronous_commit=on
	Normal                   // survives a crash of the process; a power cut may lose the last commits, never damage the file
	Off                      // for tests and loads that can be repeated
)

// Options tunes a database; every zero value works.
type Options struct {
	Readers          int               // SQLite: connections that read; 0 is 8, or twice the number of processors if that is more
	MaxConns         int               // PostgreSQL: size of the pool; 0 is 16
	BusyTimeout      time.Duration     // SQLite: wait for a lock; 0 is 5 s
	StatementTimeout time.Duration     // longest reading call, and on PostgreSQL every statement; 0 is none
	Durability       Durability        //
	ReadOnly         bool              // open beside the process that holds the file; Write and Exec are refused
	Params           map[string]string // PostgreSQL: session settings, for example plan_cache_mode
	Application      string            // PostgreSQL: application_name; empty is "ficus"
	Slow             time.Duration     // calls of one statement that take longer are told to OnSlow; 0 is never
	OnSlow           func(Slow)        // called in the background, one call at a time
	Watch            func(Text)        // is told of each statement before it is run, and must be quick; nil: nobody is
}

// DB is an open database. It is safe for concurrent use.
type DB struct {
	dialect Dialect
	pool    pool
	slow    *slowness  // nil: nobody asks
	watch   func(Text) // nil: nobody asks
	reading bool
}

// pool is what the two databases implement.
type pool interface {
	// acquire takes a connection for one call or transaction. With write it may change the database.
	acquire(ctx context.Context, write bool) (session, error)
	ping(ctx context.Context) error
	close() error
}

// session is a connection in the hands of one goroutine.
type session interface {
	// begin makes the next run start a transaction: with the call itself, so that it costs no round trip.
	begin()
	// plan tells how the statement is carried out, whatever its arguments.
	plan(ctx context.Context, statement string) ([]string, error)
	// run runs the items in order and stops at the first failure. With commit it commits behind the last one.
	run(ctx context.Context, items []item, commit bool) error
	script(ctx context.Context, sql string) error
	commit(ctx context.Context) error
	rollback() error
	release()
}

// Open opens the database that rawURL names: "sqlite:PATH", "sqlite::memory:" (a private database in a temporary place,
// gone at Close) or "postgres://USER:PASSWORD@HOST:PORT/NAME?...". Faults: Invalid for a URL that cannot be read;
// Unavailable if the database cannot be reached, refuses the sign-in, or is held by another process.
func Open(ctx context.Context, rawURL string, o Options) (*DB, error) {
	var p pool
	var err error
	d := SQLite
	switch {
	case strings.HasPrefix(rawURL, "sqlite:"):
		p, err = openSQLite(strings.TrimPrefix(rawURL, "sqlite:"), o)
	case strings.HasPrefix(rawURL, "postgres://"), strings.HasPrefix(rawURL, "postgresql://"):
		d = Postgres
		p, err = openPostgres(ctx, rawURL, o)
	default:
		return nil, fault.New(fault.Invalid, `the database URL must start with "sqlite:" or "postgres://"`)
	}
	if err != nil {
		return nil, err
	}
	return &DB{dialect: d, pool: p, slow: newSlowness(o), watch: o.Watch, reading: o.ReadOnly}, nil
}

// Redact gives the URL without its password and query, for logs.
func Redact(rawURL string) string {
	if strings.HasPrefix(rawURL, "sqlite:") {
		return rawURL
	}
	u, err := url.Parse(rawURL)
	if err != nil {
		return "(a URL that cannot be read)"
	}
	u.RawQuery, u.Fragment = "", ""
	return u.Redacted()
}

// Dialect is the kind of the database.
func (d *DB) Dialect() Dialect { return d.dialect }

// Close waits for the calls under way and closes every connection.
func (d *DB) Close() error {
	d.slow.end()
	return d.pool.close()
}

// Ping reports whether the database answers: nil or fault.Unavailable.
func (d *DB) Ping(ctx context.Context) error { return d.pool.ping(ctx) }

// Query runs one reading statement outside of a transaction, in one round trip. scan is called for each row; its error
// ends the query and is returned as it is.
func (d *DB) Query(ctx context.Context, stmt Text, args []any, scan func(Row) error) error {
	return d.single(ctx, false, func(t Tx) error { return t.Query(ctx, stmt, args, scan) })
}

// EachQuery is Tx.EachQuery outside of a transaction.
func (d *DB) EachQuery(ctx context.Context, stmt Text, scan func(Row) error, cols ...any) error {
	return d.single(ctx, false, func(t Tx) error { return t.EachQuery(ctx, stmt, scan, cols...) })
}

// Exec runs one writing statement as a transaction of its own and gives the number of rows that it changed.
func (d *DB) Exec(ctx context.Context, stmt Text, args ...any) (n int64, err error) {
	err = d.single(ctx, true, func(t Tx) error {
		n, err = t.Exec(ctx, stmt, args...)
		return err
	})
	return n, err
}

func (d *DB) single(ctx context.Context, write bool, call func(Tx) error) error {
	s, err := d.pool.acquire(ctx, write)
	if err != nil {
		return err
	}
	defer s.release()
	return call(Tx{d.core(s)})
}

func (d *DB) core(s session) *core {
	return &core{session: s, dialect: d.dialect, pool: d.pool, slow: d.slow, watch: d.watch}
}

// Read runs fn in a transaction that sees one snapshot and may not write. fn must not keep the Tx.
func (d *DB) Read(ctx context.Context, fn func(Tx) error) error { return d.transact(ctx, false, fn) }

// Write runs fn in a transaction and commits it when fn returns nil; an error or a panic rolls it back. On SQLite it waits
// for the one writer, so it must not be called inside Write. The isolation is that of a single writer on SQLite, read
// committed on PostgreSQL.
func (d *DB) Write(ctx context.Context, fn func(Tx) error) error { return d.transact(ctx, true, fn) }

func (d *DB) transact(ctx context.Context, write bool, fn func(Tx) error) (err error) {
	s, err := d.pool.acquire(ctx, write)
	if err != nil {
		return err
	}
	defer s.release()
	c := d.core(s)
	defer func() {
		if !c.ended {
			s.rollback()
		}
		c.tell(err)
	}()
	s.begin()
	if err := fn(Tx{c}); err != nil || c.ended {
		return err
	}
	if c.failed != nil {
		return c.failed
	}
	err = s.commit(ctx)
	c.ended = err == nil
	return err
}
