package dump

import (
	"io"
	"iter"

	"github.com/ficushealth/ficus/fault"
	"github.com/ficushealth/ficus/strangler/source"
)

// Options of reading; the zero value reads all.
type Options struct {
	MaxValue int                      // longest value or statement in bytes; 0 is 256 MiB. A row may be four times as long
	Charset  string                   // character set of a dump that does not say it with SET NAMES; "" is utf8mb4
	Database string                   // database of tables above the first USE; "" is what the comment at the head of the dump says
	Want     func(*source.Table) bool // tables whose rows are given; nil is all. Rows of others are counted
}

// Reader reads a dump from its first to its last byte. It is for one goroutine.
type Reader struct {
	w       *window
	file    *file // nil if the dump does not come from a file
	packed  bool  // the dump is compressed
	opt     Options
	session session
	catalog catalog
	delim   []byte
	cond    int   // conditional comments that are open
	number  int64 // statements so far
	into    *target
	lits    []lit
	out     []source.Cell
	space   []byte // bytes of values that are not in the file as they are
	text    []byte // a statement
	ddl     string // the same as UTF-8

	from, fromLine             int64 // where the statement in text begins
	opened, completed, foreign bool  // comments that were seen
	err                        error // how reading ended
}

// New reads an uncompressed dump. fault.Unsupported if it is something else, fault.Invalid for an unknown character set.
func New(src io.Reader, opt Options) (*Reader, error) { return newReader(src, opt, false) }

func newReader(src io.Reader, opt Options, packed bool) (*Reader, error) {
	if opt.MaxValue == 0 {
		opt.MaxValue = 256 << 20
	}
	if opt.Charset == "" {
		opt.Charset = "utf8mb4"
	}
	cs, ok := source.FindCharset(opt.Charset)
	if !ok || !cs.ASCII() {
		return nil, fault.New(fault.Invalid, "character set %q is not known", opt.Charset)
	}
	r := &Reader{w: newWindow(src, 4*opt.MaxValue), packed: packed, opt: opt, catalog: newCatalog(), delim: []byte{';'},
		session: session{client: cs, saved: map[string]string{}}}
	r.catalog.database = opt.Database
	return r, r.open()
}

// Next is the next row of a wanted table; its cells are valid until the following call. io.EOF at the end of a whole dump;
// fault.Invalid where it is broken or breaks off, fault.TooLarge for a value beyond the limit, fault.Unsupported for what
// cannot be read; each with line, byte, statement and table. After an error it stays.
func (r *Reader) Next() (source.Row, error) {
	for r.err == nil {
		var row source.Row
		var given bool
		if row, given, r.err = r.step(); given && r.err == nil {
			return row, nil
		}
	}
	return source.Row{}, r.err
}

// step reads up to the next row; given is false if it is one that nobody wants, or if there was none.
func (r *Reader) step() (row source.Row, given bool, err error) {
	if r.w.keep >= 0 {
		if err := r.after(); err != nil {
			return row, false, err
		}
	}
	if r.into == nil {
		if err := r.statement(); err != nil {
			return row, false, err
		}
	}
	if err := r.row(); err != nil {
		return row, false, err
	}
	return r.deliver()
}

// deliver counts the row just read and makes it, if it is wanted.
func (r *Reader) deliver() (row source.Row, given bool, err error) {
	e := r.into.entry
	if !e.wanted && e.table.Versions() < 0 {
		e.rows++
		return row, false, nil
	}
	if err := r.cells(); err != nil {
		return row, false, err
	}
	row = source.Row{Table: e.table, Cells: r.out}
	if row.Historical() {
		e.history++
	} else {
		e.rows++
	}
	row.Position = source.Position{Offset: r.w.offset(r.w.keep), Line: r.w.lineAt(r.w.keep), Statement: r.number, Row: e.rows + e.history}
	return row, e.wanted, nil
}

// Rows gives all rows: see Next.
func (r *Reader) Rows() iter.Seq2[source.Row, error] {
	return func(yield func(source.Row, error) bool) {
		for {
			row, err := r.Next()
			if err == io.EOF || !yield(row, err) || err != nil {
				return
			}
		}
	}
}

// Repeated says what becomes of the row just given if its key was there before.
func (r *Reader) Repeated() Repeated {
	if r.into == nil {
		return Refused
	}
	return r.into.repeated
}

// Count is a table and how many of its rows were read so far.
type Count struct {
	Table *source.Table
	source.Count
}

// Tables are the tables declared so far with their rows, in the order of the dump. The declarations are final at its end:
// keys may be added behind the rows.
func (r *Reader) Tables() []Count {
	list := make([]Count, len(r.catalog.tables))
	for i, e := range r.catalog.tables {
		list[i] = Count{e.table, source.Count{Rows: e.rows, History: e.history}}
	}
	return list
}

// Objects are the triggers, routines, events, views and sequences seen so far, which are passed over.
func (r *Reader) Objects() []Object { return append([]Object(nil), r.catalog.objects...) }
