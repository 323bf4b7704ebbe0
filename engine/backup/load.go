package backup

import (
	"archive/tar"
	"context"
	"encoding/hex"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/klauspost/compress/zstd"
	"github.com/zeebo/blake3"

	"github.com/ficushealth/ficus/engine/db"
	"github.com/ficushealth/ficus/fault"
)

// Target is an empty database and what has to be known to fill it.
type Target struct {
	DB       *db.DB
	Schemas  []db.Schema
	Now      func() time.Time
	Progress func(Progress) // nil: nobody wants to know
}

// Restore fills an empty database: it makes the tables as they were, puts the rows in, reads them all back and compares
// them with the archive, and then brings the tables to the version of this program. A mark stands in the database until all
// that has succeeded, see Finished. Faults: Conflict for a database that is not empty, or an archive of a newer program;
// those of the database.
func (a *Archive) Restore(ctx context.Context, to Target) error {
	if err := covers(to.Schemas, a.Modules, "the backup"); err != nil {
		return err
	}
	if err := empty(ctx, to.DB); err != nil {
		return err
	}
	if err := begin(ctx, to.DB, a.Made, to.Now()); err != nil {
		return err
	}
	l := &loader{Archive: a, Target: to}
	for _, step := range []func(context.Context) error{l.tables, l.rows, l.counters, l.compare, l.upToDate} {
		if err := step(ctx); err != nil {
			return err
		}
	}
	return end(ctx, to.DB)
}

type loader struct {
	*Archive
	Target
	done int64 // rows
}

// tables makes the tables as they were, without a row.
func (l *loader) tables(ctx context.Context) error {
	for _, s := range l.Schemas {
		if n := l.Modules[s.Module]; n > 0 {
			if err := s.MigrateTo(ctx, l.DB, n); err != nil {
				return err
			}
		}
	}
	return l.DB.Write(ctx, func(t db.Tx) error {
		if err := t.Script(ctx, copying); err != nil {
			return err
		}
		there, err := t.Tables(ctx)
		for _, name := range there {
			if err == nil && name != "schema_version" && name != unfinished {
				_, err = t.Exec(ctx, db.Same(`DELETE FROM `+name))
			}
		}
		return err
	})
}

// rows puts in what the parts hold.
func (l *loader) rows(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	parts := l.unpack(ctx)
	for i := range l.Manifest.Tables {
		e := &l.Manifest.Tables[i]
		cols, err := l.columnsNow(ctx, e)
		if err != nil {
			return err
		}
		for range e.Parts {
			p := <-parts
			if p.err != nil {
				return p.err
			}
			if err := l.part(ctx, e, cols, p.rows); err != nil {
				return err
			}
			l.tell(e.Name, i)
		}
	}
	return nil
}

func (l *loader) tell(table string, at int) {
	if l.Progress != nil {
		l.Progress(Progress{Table: table, Rows: l.done, At: at + 1, Tables: len(l.Manifest.Tables)})
	}
}

func (l *loader) columnsNow(ctx context.Context, e *Entry) (cols []db.Column, err error) {
	err = l.DB.Read(ctx, func(t db.Tx) error {
		cols, err = l.columns(ctx, t, e)
		return err
	})
	return cols, err
}

// columns are those of the archive as this database has them.
func (l *loader) columns(ctx context.Context, t db.Tx, e *Entry) (cols []db.Column, err error) {
	have, err := t.Copied(ctx, l.table(e))
	if err != nil {
		return nil, err
	}
	for _, c := range e.Columns {
		i := slices.IndexFunc(have, func(h db.Column) bool { return h.Name == c.Name && h.Kind == c.Kind })
		if i < 0 {
			return nil, fault.New(fault.Internal, "the backup has a column %s of table %s, which this database has not", c.Name, e.Name)
		}
		cols = append(cols, have[i])
	}
	if len(have) > len(cols) {
		return nil, fault.New(fault.Internal, "the table %s has columns that the backup does not hold", e.Name)
	}
	return cols, nil
}

// table is what the schemas say of a table; it may have been given up since.
func (l *loader) table(e *Entry) db.Table {
	for _, s := range l.Schemas {
		for _, t := range s.Tables {
			if t.Name == e.Name {
				return t
			}
		}
	}
	return db.Table{Name: e.Name}
}

func (l *loader) part(ctx context.Context, e *Entry, cols []db.Column, rows []byte) error {
	return l.DB.Write(ctx, func(t db.Tx) error {
		n, err := t.CopyIn(ctx, e.Name, cols, rows)
		l.done += n
		return err
	})
}

// unpacked are the rows of a part.
type unpacked struct {
	rows []byte
	err  error
}

// unpack reads the parts one after the other, one ahead of the database. It ends with ctx.
func (l *loader) unpack(ctx context.Context) <-chan unpacked {
	out := make(chan unpacked, 1)
	go func() {
		err := l.eachPart(func(rows []byte) error {
			select {
			case out <- unpacked{rows: rows}:
				return nil
			case <-ctx.Done():
				return ctx.Err()
			}
		})
		if err == nil {
			err = harmed("it has become shorter")
		}
		select {
		case out <- unpacked{err: err}:
		case <-ctx.Done():
		}
	}()
	return out
}

func (l *loader) eachPart(do func([]byte) error) error {
	f, err := os.Open(l.path)
	if err != nil {
		return fault.New(fault.Unavailable, "the backup cannot be read: %v", err)
	}
	defer f.Close()
	dec, err := zstd.NewReader(nil)
	if err != nil {
		return err
	}
	defer dec.Close()
	from := tar.NewReader(f)
	if _, err := from.Next(); err != nil { // about
		return unread(err)
	}
	for _, e := range l.Manifest.Tables {
		for n, p := range e.Parts {
			rows, err := readPart(from, dec, partName(e.Name, n), p)
			if err == nil {
				err = do(rows)
			}
			if err != nil {
				return err
			}
		}
	}
	return nil
}

// readPart reads a part that must be the next, and compares it again: the file may have changed since it was opened.
func readPart(from *tar.Reader, dec *zstd.Decoder, name string, p Part) ([]byte, error) {
	h, err := from.Next()
	if err != nil {
		return nil, unread(err)
	}
	text, err := io.ReadAll(io.LimitReader(from, p.Size))
	if err != nil {
		return nil, unread(err)
	}
	hash := blake3.Sum256(text)
	if h.Name != name || hex.EncodeToString(hash[:]) != p.Hash {
		return nil, harmed("the part %s was changed while it was read", name)
	}
	rows, err := dec.DecodeAll(text, nil)
	if err != nil {
		return nil, harmed("the part %s cannot be unpacked: %v", name, err)
	}
	return rows, nil
}

// counters lets numbers go on behind those that came in.
func (l *loader) counters(ctx context.Context) error {
	return l.DB.Write(ctx, func(t db.Tx) error {
		err := t.Renumber(ctx)
		for _, s := range l.Schemas {
			if err == nil && s.Restored != nil && l.Modules[s.Module] > 0 {
				err = s.Restored(ctx, t)
			}
		}
		return err
	})
}

// compare reads every row back.
func (l *loader) compare(ctx context.Context) error {
	return l.DB.Read(ctx, func(t db.Tx) error {
		if err := t.Script(ctx, copying); err != nil {
			return err
		}
		l.done = 0
		for i := range l.Manifest.Tables {
			if err := l.compareTable(ctx, t, i); err != nil {
				return err
			}
		}
		return nil
	})
}

func (l *loader) compareTable(ctx context.Context, t db.Tx, at int) error {
	e := &l.Manifest.Tables[at]
	cols, err := l.columns(ctx, t, e)
	if err != nil {
		return err
	}
	rows, sum := int64(0), Sum{}
	err = t.CopyOut(ctx, l.table(e), cols, func(row []byte) error {
		rows++
		sum.add(row)
		if l.done++; rows%50_000 == 0 {
			l.tell(e.Name, at)
		}
		return nil
	})
	if err == nil && (rows != e.Rows || sum != e.Sum) {
		err = fault.New(fault.Internal, "the table %s is not what the backup holds: %d rows came in of %d, and their sums are equal: %t", e.Name, rows, e.Rows, sum == e.Sum)
	}
	return err
}

// upToDate brings the tables to the version of this program. Modules that were not there are left for whoever needs them.
func (l *loader) upToDate(ctx context.Context) error {
	for _, s := range l.Schemas {
		if l.Modules[s.Module] > 0 {
			if err := s.Migrate(ctx, l.DB); err != nil {
				return err
			}
		}
	}
	if l.DB.Dialect() == db.SQLite {
		return nil
	}
	return l.DB.Write(ctx, func(t db.Tx) error {
		there, err := t.Tables(ctx) // of the tables of the archive some may have been given up
		if err == nil {
			err = t.Script(ctx, db.Same("ANALYZE "+strings.Join(there, ", ")))
		}
		return err
	})
}
