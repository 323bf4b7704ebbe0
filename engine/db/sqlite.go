package db

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"sync"
	"time"

	"zombiezen.com/go/sqlite"

	"github.com/ficushealth/ficus/fault"
)

// lite is a SQLite database: one writer connection and several readers, opened when first needed.
type lite struct {
	path    string
	o       Options
	hold    *hold  // nil when only reading
	scratch string // folder to remove at the end, of :memory:

	writer  chan *liteConn // holds the writer while nobody has it
	readers chan struct{}  // one token per reader that may be in use

	mu   sync.Mutex
	idle []*liteConn   // last in, first out: the warmest cache is used next
	gone chan struct{} // closed by close
}

func openSQLite(path string, o Options) (*lite, error) {
	l := &lite{path: path, o: o, gone: make(chan struct{})}
	if err := l.open(); err != nil {
		return nil, errors.Join(err, l.cleanup())
	}
	return l, nil
}

func (l *lite) open() error {
	if l.path == "" {
		return fault.New(fault.Invalid, `the database URL names no file: write "sqlite:PATH"`)
	}
	if l.path == ":memory:" {
		if err := l.inMemory(); err != nil {
			return err
		}
	}
	if info, err := os.Stat(l.path); err == nil && info.IsDir() {
		return fault.New(fault.Invalid, "%s is a folder, not a database file: name a file in it, such as sqlite:%s", l.path, filepath.Join(l.path, "ficus.db"))
	}
	if l.o.Readers <= 0 {
		l.o.Readers = max(8, 2*runtime.GOMAXPROCS(0))
	}
	if l.o.BusyTimeout <= 0 {
		l.o.BusyTimeout = 5 * time.Second
	}
	l.readers = make(chan struct{}, l.o.Readers)
	if l.o.ReadOnly {
		return l.openReader()
	}
	return l.openWriter()
}

// inMemory stands for ":memory:". A real file gives readers beside the writer, which SQLite's own memory database cannot.
func (l *lite) inMemory() error {
	parent := ""
	if info, err := os.Stat("/dev/shm"); err == nil && info.IsDir() {
		parent = "/dev/shm"
	}
	dir, err := os.MkdirTemp(parent, "ficus-*")
	if err != nil {
		return fault.New(fault.Unavailable, "no place for a database in memory: %v", err)
	}
	l.scratch, l.path, l.o.Durability = dir, filepath.Join(dir, "memory.db"), Off
	return nil
}

// openReader opens one connection, so that a missing or damaged file is told at once.
func (l *lite) openReader() error {
	c, err := l.connect(false)
	if err == nil {
		l.idle = append(l.idle, c)
	}
	return err
}

func (l *lite) openWriter() error {
	var err error
	if l.hold, err = takeHold(l.path); err != nil {
		return err
	}
	if err := makePrivate(l.path); err != nil {
		return err
	}
	c, err := l.connect(true)
	if err != nil {
		return err
	}
	l.writer = make(chan *liteConn, 1)
	l.writer <- c
	return nil
}

// makePrivate makes a new file, empty as SQLite takes it, that its owner alone may read. SQLite gives the log and the shared
// memory beside it the same mode. A file that is there keeps its mode.
func makePrivate(path string) error {
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return fault.New(fault.Unavailable, "the database file cannot be opened for writing: %v; this user needs the right to write it and its folder", err)
	}
	return file.Close()
}

func (l *lite) connect(write bool) (*liteConn, error) {
	flags := sqlite.OpenReadWrite | sqlite.OpenCreate
	if l.o.ReadOnly {
		flags = sqlite.OpenReadOnly
	}
	conn, err := sqlite.OpenConn(l.path, flags)
	if err != nil {
		return nil, liteFault(err)
	}
	conn.SetBusyTimeout(l.o.BusyTimeout)
	c := newLiteConn(conn, l)
	for _, p := range l.pragmas(write) {
		if err := c.exec("PRAGMA " + p); err != nil {
			return nil, errors.Join(err, c.close())
		}
	}
	return c, nil
}

// pragmas sets up a connection. The page size counts only for a new file and must come before WAL. cache_size is in KiB
// when negative.
func (l *lite) pragmas(write bool) []string {
	common := []string{"foreign_keys=OFF", "temp_store=MEMORY", "mmap_size=1073741824"}
	if !write {
		return append(common, "query_only=ON", "cache_size=-16384")
	}
	synchronous := [...]string{Full: "FULL", Normal: "NORMAL", Off: "OFF"}[l.o.Durability]
	return append([]string{"page_size=8192", "journal_mode=WAL", "synchronous=" + synchronous,
		"cache_size=-65536", "wal_autocheckpoint=8000", "journal_size_limit=67108864"}, common...)
}

func (l *lite) acquire(ctx context.Context, write bool) (session, error) {
	if write {
		return l.acquireWriter(ctx)
	}
	select {
	case l.readers <- struct{}{}:
	case <-l.gone:
		return nil, errClosed()
	case <-ctx.Done():
		return nil, stopped(ctx.Err())
	}
	c, err := l.reader()
	if err != nil {
		<-l.readers
		return nil, err
	}
	s := &liteSession{conn: c, pool: l, start: "BEGIN"}
	s.watch(ctx, l.o.StatementTimeout)
	return s, nil
}

func (l *lite) acquireWriter(ctx context.Context) (session, error) {
	if l.o.ReadOnly {
		return nil, fault.New(fault.Unavailable, "the database is open for reading only")
	}
	select {
	case c := <-l.writer:
		s := &liteSession{conn: c, pool: l, write: true, start: "BEGIN IMMEDIATE"}
		s.watch(ctx, 0)
		return s, nil
	case <-l.gone:
		return nil, errClosed()
	case <-ctx.Done():
		return nil, stopped(ctx.Err())
	}
}

func errClosed() error { return fault.New(fault.Unavailable, "the database is closed") }

// reader takes an idle reader or opens one more; the caller holds a token.
func (l *lite) reader() (*liteConn, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if n := len(l.idle); n > 0 {
		c := l.idle[n-1]
		l.idle = l.idle[:n-1]
		return c, nil
	}
	return l.connect(false)
}

func (l *lite) put(c *liteConn) {
	l.mu.Lock()
	l.idle = append(l.idle, c)
	l.mu.Unlock()
	<-l.readers
}

func (l *lite) ping(ctx context.Context) error {
	s, err := l.acquire(ctx, false)
	if err != nil {
		return err
	}
	defer s.release()
	return s.run(ctx, []item{{stmt: Same("SELECT 1")}}, false)
}

// close waits for the writer and the readers that are in use. It may be called again.
func (l *lite) close() error {
	if !l.shut() {
		return nil
	}
	for range l.o.Readers {
		l.readers <- struct{}{}
	}
	return l.cleanup()
}

// shut refuses new calls; it is true the first time.
func (l *lite) shut() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	select {
	case <-l.gone:
		return false
	default:
		close(l.gone)
		return true
	}
}

func (l *lite) cleanup() error {
	var errs []error
	for _, c := range l.idle {
		errs = append(errs, c.close())
	}
	if l.writer != nil {
		errs = append(errs, (<-l.writer).close())
	}
	errs = append(errs, l.hold.release())
	if l.scratch != "" {
		errs = append(errs, os.RemoveAll(l.scratch))
	}
	return errors.Join(errs...)
}
