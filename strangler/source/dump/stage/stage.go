package stage

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"iter"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"modernc.org/sqlite/vfs"
	"zombiezen.com/go/sqlite"
	"zombiezen.com/go/sqlite/sqlitex"

	"github.com/ficushealth/ficus/fault"
	"github.com/ficushealth/ficus/strangler/source"
	"github.com/ficushealth/ficus/strangler/source/dump"
)

// Stage is a staged dump; it is a source.Family. Its methods may be called at the same time.
type Stage struct {
	vfs    string // through which SQLite reads the sealed file
	files  *vfs.FS
	state  *state
	byName map[string]*table

	mu   sync.Mutex
	idle []*sqlite.Conn

	sealed  *sealedFS
	passing []string // files to be removed at the end
	place   func(Keys) (string, error)
}

// Keep seals a stage that was built without keys for those who have these, so that it stays and they can use it again.
// One that was built with keys stays anyway.
func (s *Stage) Keep(keys Keys) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.passing == nil {
		return nil
	}
	to, err := s.place(keys)
	if err != nil {
		return err
	}
	if err := s.sealed.rewrap(keys); err != nil {
		return fmt.Errorf("keep the staged dump: %w", err)
	}
	if err := os.Rename(s.sealed.path, to); err != nil {
		return fmt.Errorf("keep the staged dump: %w", err)
	}
	s.sealed.path, s.passing = to, s.passing[1:]
	return onDisk(filepath.Dir(to))
}

var _ source.Family = (*Stage)(nil)

func open(path string, keys Keys) (*Stage, error) {
	s := &Stage{byName: map[string]*table{}}
	sealed, err := openSealed(path, keys)
	if err != nil {
		return nil, err
	}
	s.sealed = sealed
	if s.vfs, s.files, err = vfs.New(sealed); err != nil {
		return nil, fmt.Errorf("open the staged dump: %w", err)
	}
	conn, err := s.take()
	if err != nil {
		return nil, errors.Join(err, s.files.Close())
	}
	defer s.give(conn)
	if s.state, err = loadState(conn); err != nil {
		return nil, errors.Join(fmt.Errorf("open the staged dump: %w", err))
	}
	slices.SortFunc(s.state.Tables, func(a, b *table) int { return strings.Compare(a.Table.String(), b.Table.String()) })
	for _, t := range s.state.Tables {
		s.byName[t.Table.String()] = t
	}
	return s, nil
}

// Close gives the file free. No iteration may be running.
func (s *Stage) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	var err error
	for _, conn := range s.idle {
		err = errors.Join(err, conn.Close())
	}
	s.idle = nil
	err = errors.Join(err, s.files.Close())
	for _, file := range s.passing {
		err = errors.Join(err, absent(file))
	}
	return err
}

// take is a connection for one caller, who gives it back: a statement is used by one iteration at a time.
func (s *Stage) take() (*sqlite.Conn, error) {
	s.mu.Lock()
	if n := len(s.idle); n > 0 {
		conn := s.idle[n-1]
		s.idle = s.idle[:n-1]
		s.mu.Unlock()
		return conn, nil
	}
	s.mu.Unlock()
	conn, err := sqlite.OpenConn("file:"+inner+"?immutable=1&vfs="+s.vfs, sqlite.OpenReadOnly|sqlite.OpenURI)
	if err != nil {
		return nil, fmt.Errorf("open the staged dump: %w", err)
	}
	return conn, sqlitex.ExecuteTransient(conn, "PRAGMA cache_size=-16384", nil)
}

func (s *Stage) give(conn *sqlite.Conn) {
	conn.SetInterrupt(nil)
	s.mu.Lock()
	s.idle = append(s.idle, conn)
	s.mu.Unlock()
}

// Identity is the hash of the dump file.
func (s *Stage) Identity() source.Identity { return s.state.Identity }

// Tables are all tables of the dump, whether wanted or not.
func (s *Stage) Tables(context.Context) ([]*source.Table, error) {
	list := make([]*source.Table, len(s.state.Tables))
	for i, t := range s.state.Tables {
		list[i] = t.Table
	}
	return list, nil
}

// Objects are the triggers, routines, events, views and sequences of the dump.
func (s *Stage) Objects() []dump.Object { return slices.Clone(s.state.Objects) }

// Count counts the rows of any table of the dump. fault.Unknown if there is no such table.
func (s *Stage) Count(_ context.Context, t *source.Table) (source.Count, error) {
	own, ok := s.byName[t.String()]
	if !ok {
		return source.Count{}, fault.New(fault.Unknown, "the dump has no table %s", t)
	}
	return own.Count, nil
}

// Rows gives the rows of a wanted table: see source.Source.
func (s *Stage) Rows(ctx context.Context, t *source.Table, from source.Position) iter.Seq2[source.Row, error] {
	return func(yield func(source.Row, error) bool) {
		own, err := s.kept(t)
		if err != nil {
			yield(source.Row{}, err)
			return
		}
		s.each(ctx, own, fmt.Sprintf("SELECT n, key, body FROM t%d WHERE key > ? ORDER BY key", own.Number), yield, from.Key)
	}
}

// Children gives the rows that a wish finds by columns: see source.Family.
func (s *Stage) Children(ctx context.Context, t *source.Table, columns []string, values []source.Cell) iter.Seq2[source.Row, error] {
	return func(yield func(source.Row, error) bool) {
		own, err := s.kept(t)
		if err != nil {
			yield(source.Row{}, err)
			return
		}
		i := slices.IndexFunc(own.By, func(l Lookup) bool { return l.same(columns) })
		if i < 0 || len(values) != len(columns) {
			yield(source.Row{}, fault.New(fault.Unknown, "rows of %s are not found by %q", t, columns))
			return
		}
		from := prefix(own.Table, columns, values)
		if from == nil {
			return
		}
		s.each(ctx, own, fmt.Sprintf("SELECT n, key, body FROM t%d WHERE by%d >= ? AND by%d < ? ORDER BY by%d", own.Number, i, i, i), yield, from, above(from))
	}
}

// prefix is how the by column of all rows with these values begins; nil if one is no value.
func prefix(t *source.Table, columns []string, values []source.Cell) []byte {
	at, _ := t.Indexes(columns) // they were there when the stage was made
	cells := make([]source.Cell, len(t.Columns))
	for i, c := range at {
		if !values[i].Has() {
			return nil
		}
		cells[c] = values[i]
	}
	return source.AppendKey(nil, t, cells, at)
}

// above is the least key that does not begin with prefix, whose last part ends below FF.
func above(prefix []byte) []byte {
	end := bytes.Clone(prefix)
	for i := len(end) - 1; ; i-- {
		if end[i]++; end[i] != 0 {
			return end[:i+1]
		}
	}
}

func (s *Stage) kept(t *source.Table) (*table, error) {
	own, ok := s.byName[t.String()]
	if !ok || own.Number == 0 {
		return nil, fault.New(fault.Unknown, "the rows of table %s were not staged", t)
	}
	return own, nil
}

// each gives the rows of a query for n, key and body.
func (s *Stage) each(ctx context.Context, t *table, sql string, yield func(source.Row, error) bool, args ...[]byte) {
	conn, err := s.take()
	if err != nil {
		yield(source.Row{}, err)
		return
	}
	defer s.give(conn)
	conn.SetInterrupt(ctx.Done())
	stopped := false
	err = eachRow(conn, t.Table, sql, args, func(row source.Row) bool {
		stopped = !yield(row, nil)
		return !stopped
	})
	if ctx.Err() != nil {
		err = ctx.Err()
	}
	if err != nil && !stopped {
		yield(source.Row{}, fmt.Errorf("read staged rows of %s: %w", t.Table, err))
	}
}

func eachRow(conn *sqlite.Conn, t *source.Table, sql string, args [][]byte, take func(source.Row) bool) (err error) {
	stmt, err := conn.Prepare(sql)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, stmt.Reset()) }()
	for i, a := range args {
		stmt.BindBytes(i+1, a)
	}
	row := source.Row{Table: t}
	var buf []byte
	for {
		more, err := stmt.Step()
		if err != nil || !more {
			return err
		}
		row.Position.Row = stmt.ColumnInt64(0)
		key, body := stmt.ColumnLen(1), stmt.ColumnLen(2)
		buf = slices.Grow(buf[:0], key+body)[:key+body]
		stmt.ColumnBytes(1, buf[:key])
		stmt.ColumnBytes(2, buf[key:])
		row.Position.Key = buf[:key:key]
		if err := readBody(buf[key:], &row); err != nil {
			return err
		}
		if !take(row) {
			return nil
		}
	}
}
