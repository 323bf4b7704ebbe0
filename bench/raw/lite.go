package raw

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"sync"

	"zombiezen.com/go/sqlite"
	"zombiezen.com/go/sqlite/sqlitex"
)

// lite is a SQLite file: one connection that writes, some that read.
type lite struct {
	mu      sync.Mutex // of the writer
	writer  *sqlite.Conn
	readers chan *sqlite.Conn
}

func openLite(_ context.Context, path string, o Options) (*lite, error) {
	n := max(4, 2*runtime.GOMAXPROCS(0))
	l := &lite{readers: make(chan *sqlite.Conn, n)}
	var err error
	if l.writer, err = liteConn(path, o); err != nil {
		return nil, err
	}
	for range n {
		c, err := liteConn(path, o)
		if err != nil {
			return nil, err
		}
		l.readers <- c
	}
	return l, nil
}

func liteConn(path string, o Options) (*sqlite.Conn, error) {
	c, err := sqlite.OpenConn(path, sqlite.OpenReadWrite|sqlite.OpenWAL)
	if err != nil {
		return nil, err
	}
	settings := []string{"synchronous=OFF", "mmap_size=1073741824", "cache_size=-65536", "temp_store=MEMORY", "busy_timeout=5000", "wal_autocheckpoint=2000", "journal_size_limit=67108864"}
	if o.Durable {
		settings[0] = "synchronous=FULL"
	}
	for _, set := range settings {
		if err := sqlitex.ExecuteTransient(c, "PRAGMA "+set, nil); err != nil {
			return nil, err
		}
	}
	return c, nil
}

func (l *lite) close() {
	l.writer.Close() //nolint:errcheck // measuring is over
	for range cap(l.readers) {
		(<-l.readers).Close() //nolint:errcheck // measuring is over
	}
}

func (l *lite) tables(ctx context.Context, having ...string) (map[string][]column, error) {
	found := map[string][]column{}
	for _, name := range having {
		list, err := l.rows(ctx, `SELECT t.name, c.name FROM sqlite_master t, pragma_table_info(t.name) c
			WHERE t.type = 'table' AND EXISTS (SELECT 1 FROM pragma_table_info(t.name) h WHERE h.name = ?1)`, name)
		if err != nil {
			return nil, err
		}
		for _, r := range list {
			found[r[0].(string)] = append(found[r[0].(string)], column{name: r[1].(string)})
		}
	}
	return found, nil
}

func (l *lite) run(_ context.Context, sql string) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	return sqlitex.ExecuteScript(l.writer, sql, nil)
}

func (l *lite) rows(_ context.Context, sql string, args ...any) (out [][]any, err error) {
	c := <-l.readers
	defer func() { l.readers <- c }()
	s, err := c.Prepare(strings.ReplaceAll(sql, "$", "?"))
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, s.Reset()) }()
	if err := bind(s, args); err != nil {
		return nil, err
	}
	for {
		more, err := s.Step()
		if err != nil || !more {
			return out, err
		}
		out = append(out, values(s))
	}
}

func values(s *sqlite.Stmt) []any {
	row := make([]any, s.ColumnCount())
	for i := range row {
		switch s.ColumnType(i) {
		case sqlite.TypeInteger:
			row[i] = s.ColumnInt64(i)
		case sqlite.TypeFloat:
			row[i] = s.ColumnFloat(i)
		case sqlite.TypeText:
			row[i] = s.ColumnText(i)
		case sqlite.TypeBlob:
			b := make([]byte, s.ColumnLen(i))
			s.ColumnBytes(i, b)
			row[i] = b
		}
	}
	return row
}

func bind(s *sqlite.Stmt, args []any) error {
	for i, a := range args {
		switch v := a.(type) {
		case nil:
			s.BindNull(i + 1)
		case int64:
			s.BindInt64(i+1, v)
		case float64:
			s.BindFloat(i+1, v)
		case string:
			s.BindText(i+1, v)
		case []byte:
			s.BindBytes(i+1, v)
		default:
			return fmt.Errorf("cannot bind a %T", a)
		}
	}
	return nil
}

func (l *lite) load(ctx context.Context, steps []step) error { return l.write(ctx, steps) }

func (l *lite) write(_ context.Context, steps []step) (err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	end, err := sqlitex.ImmediateTransaction(l.writer)
	if err != nil {
		return err
	}
	defer end(&err)
	for _, s := range steps {
		if err = l.each(s); err != nil {
			return fmt.Errorf("%s: %w", s.lite, err)
		}
	}
	return nil
}

func (l *lite) each(s step) error {
	stmt, err := l.writer.Prepare(s.lite)
	if err != nil {
		return err
	}
	for _, row := range s.rows {
		if err := bind(stmt, row); err != nil {
			return err
		}
		if _, err := stmt.Step(); err != nil {
			return err
		}
		if err := stmt.Reset(); err != nil {
			return err
		}
	}
	return nil
}
