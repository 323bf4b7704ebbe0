package stage

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"zombiezen.com/go/sqlite"
	"zombiezen.com/go/sqlite/sqlitex"

	"github.com/ficushealth/ficus/fault"
	"github.com/ficushealth/ficus/strangler/source"
	"github.com/ficushealth/ficus/strangler/source/dump"
)

// Build stages the dump at path in dir, or opens what was staged for the same dump and wishes before. Tables that are wanted
// and not in the dump are left out. progress, which may be nil, hears now and then how many bytes of the file are read.
// fault.Conflict if another process is staging it; else the faults of reading the dump, and fault.Invalid for a row whose
// key was there before and for a wish that names an unknown column. The file is sealed under a key of keys; if they are nil,
// under one that nobody else has, and then it is removed when the stage is closed, unless it is kept (Stage.Keep).
func Build(ctx context.Context, path, dir string, wants []Want, opt dump.Options, keys Keys, progress func(done, total int64)) (*Stage, error) {
	hash, err := dump.Hash(ctx, path)
	if err != nil {
		return nil, err
	}
	passing := keys == nil
	if passing {
		keys = newRandomKeys()
	}
	place := func(keys Keys) (string, error) {
		name, err := fileName(hash+opt.Charset+"/"+opt.Database, keys.Derive("stage file"), wants)
		return filepath.Join(dir, name), err
	}
	at, err := place(keys)
	if err != nil {
		return nil, err
	}
	if _, err := os.Stat(at); err == nil {
		return open(at, keys)
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("make the folder of the stage: %w", err)
	}
	unlock, err := lock(at + ".lock")
	if err != nil {
		return nil, err
	}
	defer unlock()
	b := &builder{wants: wants, progress: progress, hash: hash, keys: keys}
	if err := b.build(ctx, path, at, opt); err != nil {
		return nil, room(dir, err)
	}
	s, err := open(at, keys)
	if passing && err == nil {
		s.passing, s.place = []string{at, at + ".lock"}, place
	}
	return s, err
}

// builder fills a new file.
type builder struct {
	wants    []Want
	hash     string
	progress func(done, total int64)
	keys     Keys
	conn     *sqlite.Conn
	tables   map[string]*load // by full name
	heard    int64            // bytes read when progress was told last
}

// build makes the file, seals it under another name, and renames that when it is whole and on disk. What is not sealed yet
// has no name: nothing of it is left if the program dies.
func (b *builder) build(ctx context.Context, path, at string, opt dump.Options) (err error) {
	if _, err := os.Stat(at); err == nil {
		return nil // another process was faster
	}
	building, sealing := at+".building", at+".sealing"
	if err := errors.Join(absent(building), absent(sealing)); err != nil {
		return fmt.Errorf("remove a broken stage: %w", err)
	}
	defer func() { err = errors.Join(err, absent(building), absent(sealing)) }()
	plain, err := b.fill(ctx, path, building, opt)
	if err != nil {
		return err
	}
	defer plain.Close() //nolint:errcheck // it was only read
	if err := seal(plain, sealing, b.keys); err != nil {
		return fmt.Errorf("stage the dump: %w", err)
	}
	if err := os.Rename(sealing, at); err != nil {
		return fmt.Errorf("stage the dump: %w", err)
	}
	return onDisk(filepath.Dir(at))
}

// absent removes a file that may not be there.
func absent(path string) error {
	if err := os.Remove(path); err != nil && !os.IsNotExist(err) {
		return err
	}
	return nil
}

func onDisk(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

// setUp prepares an empty file. Nothing is worth keeping of a file that is not whole, so there is no journal.
func setUp(conn *sqlite.Conn) error {
	for _, sql := range []string{"PRAGMA page_size=8192", "PRAGMA journal_mode=OFF", "PRAGMA synchronous=OFF", "PRAGMA locking_mode=EXCLUSIVE",
		"PRAGMA cache_size=-65536", "CREATE TABLE stage (state BLOB NOT NULL)"} {
		if err := sqlitex.ExecuteTransient(conn, sql, nil); err != nil {
			return fmt.Errorf("stage the dump: %w", err)
		}
	}
	return nil
}

// fill makes a file that is not sealed, and takes its name away at once where the system allows that of an open file.
func (b *builder) fill(ctx context.Context, path, building string, opt dump.Options) (plain *os.File, err error) {
	plain, err = os.OpenFile(building, os.O_CREATE|os.O_EXCL|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("stage the dump: %w", err)
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, plain.Close())
		}
	}()
	if b.conn, err = sqlite.OpenConn(building, sqlite.OpenReadWrite); err != nil {
		return nil, fmt.Errorf("stage the dump: %w", err)
	}
	defer func() { err = errors.Join(err, b.conn.Close()) }()
	b.conn.SetInterrupt(ctx.Done())
	if err := setUp(b.conn); err != nil {
		return nil, err
	}
	_ = os.Remove(building) // where it cannot be done now, build does it
	err = b.read(ctx, path, opt)
	if ctx.Err() != nil {
		err = ctx.Err()
	}
	return plain, err
}

// read takes the dump into the file, and then what was learned of it.
func (b *builder) read(ctx context.Context, path string, opt dump.Options) (err error) {
	b.tables = map[string]*load{}
	wanted := newWishes(b.wants)
	opt.Want = func(t *source.Table) bool { _, ok := wanted.of(t); return ok }
	r, err := dump.Open(path, opt)
	if err != nil {
		return err
	}
	defer r.Close()
	if err := sqlitex.Execute(b.conn, "BEGIN", nil); err != nil {
		return err
	}
	if err := b.rows(ctx, r, wanted); err != nil {
		return err
	}
	s, err := b.finish(r, wanted)
	if err != nil {
		return err
	}
	s.Identity = source.Identity{Kind: "dump", Name: filepath.Base(path), Hash: b.hash}
	if err := s.save(b.conn); err != nil {
		return err
	}
	return sqlitex.Execute(b.conn, "COMMIT", nil)
}

func (b *builder) rows(ctx context.Context, r *dump.Reader, wanted wishes) error {
	var at *load
	var table *source.Table
	for {
		row, err := r.Next()
		if err == io.EOF {
			return b.unchanged(r)
		}
		if err != nil {
			return err
		}
		if row.Table != table {
			if at, err = b.load(row.Table, wanted); err != nil {
				return err
			}
			table = row.Table
		}
		if err := at.add(row, r.Repeated()); err != nil {
			return err
		}
		if err := b.hear(ctx, r); err != nil {
			return err
		}
	}
}

// hear tells progress after each megabyte of the file.
func (b *builder) hear(ctx context.Context, r *dump.Reader) error {
	done, total := r.Progress()
	if done-b.heard < 1<<20 {
		return nil
	}
	b.heard = done
	if b.progress != nil {
		b.progress(done, total)
	}
	return ctx.Err()
}

// unchanged makes sure that the file read is the one that the stage is named after.
func (b *builder) unchanged(r *dump.Reader) error {
	hash, err := r.Hash()
	if err == nil && hash != b.hash {
		err = fault.New(fault.Conflict, "the dump file changed while it was read; start again when it is complete")
	}
	return err
}

// load is the place for the rows of a table.
func (b *builder) load(t *source.Table, wanted wishes) (*load, error) {
	if l, ok := b.tables[t.String()]; ok {
		return l, nil
	}
	want, _ := wanted.of(t)
	l, err := newLoad(b.conn, len(b.tables)+1, t, want.By)
	b.tables[t.String()] = l
	return l, err
}

// finish indexes what was loaded and sums up the dump.
func (b *builder) finish(r *dump.Reader, wanted wishes) (*state, error) {
	s := &state{Format: format, Objects: r.Objects()}
	read := r.Tables()
	names := make([]*source.Table, len(read))
	for i, c := range read {
		names[i] = c.Table
	}
	names = wanted.named(names)
	for i, c := range read {
		t := &table{Table: names[i], Count: c.Count}
		s.Tables = append(s.Tables, t)
		w, ok := wanted.exact[names[i].String()]
		if !ok {
			continue
		}
		l, err := b.load(c.Table, wanted)
		if err != nil {
			return nil, err
		}
		t.Number, t.By = l.number, w.By
		if t.Count.Rows, err = l.finish(c.Table); err != nil {
			return nil, err
		}
	}
	if done, total := r.Progress(); b.progress != nil {
		b.progress(done, total)
	}
	return s, nil
}
