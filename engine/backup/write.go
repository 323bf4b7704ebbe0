package backup

import (
	"archive/tar"
	"context"
	"encoding/json"
	"errors"
	"io"
	"syscall"
	"time"

	"github.com/ficushealth/ficus/engine/db"
	"github.com/ficushealth/ficus/engine/vault"
	"github.com/ficushealth/ficus/fault"
)

// Source is a database and what has to be known to copy it.
type Source struct {
	DB       *db.DB
	Schemas  []db.Schema
	Key      vault.InstallationKey
	Program  string // its version
	Now      func() time.Time
	Heads    func(context.Context, db.Tx) ([]Head, error) // the ends of the audit chains
	Progress func(Progress)                               // nil: nobody wants to know
}

// Progress is how far a copy is.
type Progress struct {
	Table      string
	Rows       int64 // of all tables so far
	Bytes      int64 // written, compressed
	At, Tables int   // the number of the table, from 1, and of all
}

// Written is what was written, and what was seen that is not ours.
type Written struct {
	Manifest
	Foreign []string // tables in the same place that no part of the program knows; nothing of them was copied
	Bytes   int64
}

// Write writes an archive of the database as it is at one moment. Readers and writers go on meanwhile. Faults: Conflict
// for a database of a newer program, or one with tables that this program does not know any more; those of the database and
// of the writer.
func Write(ctx context.Context, to io.Writer, s Source) (*Written, error) {
	w := &writer{Source: s, to: &counter{to: to}}
	w.tar = tar.NewWriter(w.to)
	w.About = About{Format: Format, Program: s.Program, Database: s.DB.Dialect().String(), Key: s.Key.ID, Made: s.Now().UTC().Truncate(time.Microsecond)}
	w.Modules, w.LeftOut = map[string]int{}, map[string]string{}
	about, err := json.MarshalIndent(w.About, "", " ")
	if err == nil {
		err = w.entry(aboutName, about)
	}
	if err == nil {
		err = s.DB.Read(ctx, func(t db.Tx) error { return w.all(ctx, t) })
	}
	if err == nil {
		err = w.end()
	}
	w.Bytes = w.to.n
	return &w.Written, err
}

type writer struct {
	Source
	Written
	to  *counter
	tar *tar.Writer
}

// counter counts what goes through.
type counter struct {
	to io.Writer
	n  int64
}

func (c *counter) Write(b []byte) (int, error) {
	n, err := c.to.Write(b)
	c.n += int64(n)
	return n, err
}

func (w *writer) entry(name string, text []byte) error {
	h := &tar.Header{Name: name, Size: int64(len(text)), Mode: 0o600, ModTime: w.Made.Truncate(time.Second), Format: tar.FormatUSTAR}
	if err := w.tar.WriteHeader(h); err != nil {
		return unwritten(err)
	}
	_, err := w.tar.Write(text)
	return unwritten(err)
}

func unwritten(err error) error {
	if err == nil {
		return nil
	}
	if errors.Is(err, syscall.ENOSPC) {
		return fault.New(fault.Unavailable, "the disk to which the backup is written is full; nothing was left on it: make room, or name another place")
	}
	return fault.New(fault.Unavailable, "the backup cannot be written: %v", err)
}

func (w *writer) end() error {
	text, mac, err := w.Manifest.seal(w.Key)
	if err == nil {
		err = w.entry(manifestName, text)
	}
	if err == nil {
		err = w.entry(sealName, mac)
	}
	if err == nil {
		err = unwritten(w.tar.Close())
	}
	return err
}

// copying sets the transaction up for reading tables from end to end, whatever the session is made for. On SQLite that is not
// to map the file into memory, all of which would count as used.
var copying = db.Text{SQLite: `PRAGMA mmap_size = 0`, Postgres: `SET LOCAL enable_seqscan = on; SET LOCAL enable_sort = on; SET LOCAL enable_hashjoin = on;
	SET LOCAL statement_timeout = 0; SET LOCAL idle_in_transaction_session_timeout = 0`}

// all copies every table in one snapshot.
func (w *writer) all(ctx context.Context, t db.Tx) (err error) {
	if err := t.Script(ctx, copying); err != nil {
		return err
	}
	tables, err := w.tables(ctx, t)
	if err != nil {
		return err
	}
	if w.Heads != nil {
		if w.Manifest.Heads, err = w.Source.Heads(ctx, t); err != nil {
			return err
		}
	}
	p, err := newPress(w)
	if err != nil {
		return err
	}
	w.Tables = make([]Entry, len(tables)) // the press writes into it, so it does not move
	for i, table := range tables {
		w.Tables[i].Name = table.Name
		if err = w.table(ctx, t, p, table, i); err != nil {
			break
		}
	}
	if ended := p.end(); err == nil {
		err = ended
	}
	return err
}

// partSize is about how many bytes of rows a part holds.
const partSize = 4 << 20

func (w *writer) table(ctx context.Context, t db.Tx, p *press, table db.Table, at int) (err error) {
	e := &w.Tables[at]
	e.Parts = []Part{}
	if e.Columns, err = t.Copied(ctx, table); err != nil {
		return err
	}
	raw := p.buffer()
	err = t.CopyOut(ctx, table, e.Columns, func(row []byte) error {
		e.Rows++
		e.Sum.add(row)
		raw = append(raw, row...)
		if len(raw) < partSize {
			return nil
		}
		full := raw
		raw = p.buffer()
		w.tell(p, at)
		return p.put(e, full)
	})
	if err == nil && len(raw) > 0 {
		err = p.put(e, raw)
	}
	return err
}

func (w *writer) tell(p *press, at int) {
	if w.Progress == nil {
		return
	}
	rows := w.Manifest.Rows()
	w.Progress(Progress{Table: w.Tables[at].Name, Rows: rows, Bytes: p.written.Load(), At: at + 1, Tables: len(w.Tables)})
}
