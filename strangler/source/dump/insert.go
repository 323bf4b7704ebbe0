package dump

import (
	"bytes"
	"strings"

	"github.com/ficushealth/ficus/fault"
	"github.com/ficushealth/ficus/strangler/source"
)

// target is the table that an INSERT fills.
type target struct {
	*entry
	columns  []int  // for each value of a row, its column
	given    []bool // for each column, whether rows give it
	partial  bool   // some columns are not given
	repeated Repeated
}

// Repeated says what becomes of a row whose key was there before.
type Repeated uint8

const (
	Refused Repeated = iota // INSERT: there is none, or the dump is broken
	Ignored                 // INSERT IGNORE: the first row counts
	Renewed                 // REPLACE: the last row counts
)

// insert reads an INSERT or REPLACE up to its first row.
func (r *Reader) insert(first string) error {
	r.w.pos += len(first)
	t := &target{}
	if first == "REPLACE" {
		t.repeated = Renewed
	}
	if err := r.insertOptions(t); err != nil {
		return err
	}
	if err := r.insertTable(t); err != nil {
		return err
	}
	r.into = t
	if err := r.insertColumns(t); err != nil {
		return err
	}
	w, err := r.bareWord()
	if err != nil {
		return err
	}
	if w != "VALUES" && w != "VALUE" {
		return r.fail(fault.Unsupported, "only INSERT ... VALUES is read")
	}
	return nil
}

// bareWord reads a word, "" if none stands here, in upper case.
func (r *Reader) bareWord() (string, error) {
	if err := r.blank(); err != nil {
		return "", err
	}
	w := r.firstWord()
	r.w.pos += len(w)
	return w, nil
}

func (r *Reader) insertOptions(t *target) error {
	for {
		if err := r.blank(); err != nil {
			return err
		}
		w := r.firstWord()
		switch w {
		case "IGNORE":
			t.repeated = Ignored
		case "INTO", "LOW_PRIORITY", "DELAYED", "HIGH_PRIORITY":
		default:
			return nil
		}
		r.w.pos += len(w)
	}
}

func (r *Reader) insertTable(t *target) error {
	database := r.catalog.database
	name, ok, err := r.identifier()
	if err == nil && ok && r.w.starts(".") {
		r.w.pos++
		database = r.spelled(name)
		name, ok, err = r.identifier()
	}
	if err != nil {
		return err
	}
	if !ok {
		return r.fail(fault.Invalid, "INSERT names no table")
	}
	for _, spelling := range []string{r.spelled(name), name} {
		if t.entry = r.catalog.find(database, spelling); t.entry != nil {
			return nil
		}
	}
	return r.fail(fault.Invalid, "rows come for a table that was not created: %s.%s (a dump with --no-create-info cannot be read)", database, r.spelled(name))
}

// spelled is a name as UTF-8.
func (r *Reader) spelled(name string) string { return r.decodeDDL([]byte(name)) }

// identifier reads a name, quoted or not.
func (r *Reader) identifier() (name string, ok bool, err error) {
	if err := r.blank(); err != nil {
		return "", false, err
	}
	c, _ := r.w.peek()
	if c == '`' || c == '"' {
		return r.quotedName(c)
	}
	r.text = r.text[:0]
	for c, ok := r.w.peek(); ok && isWord(c) && len(r.text) < maxName; c, ok = r.w.peek() {
		r.text, r.w.pos = append(r.text, c), r.w.pos+1
	}
	return string(r.text), len(r.text) > 0, nil
}

const maxName = 1024 // bytes; MySQL allows 64 characters

func (r *Reader) quotedName(quote byte) (string, bool, error) {
	r.w.pos++
	r.text = r.text[:0]
	for len(r.text) < maxName {
		c, ok := r.w.peek()
		if !ok {
			return "", false, r.cut("a name is not closed")
		}
		r.w.pos++
		if c == quote {
			if c, ok = r.w.peek(); !ok || c != quote {
				return string(r.text), true, nil
			}
			r.w.pos++
		}
		r.text = append(r.text, c)
	}
	return "", false, r.fail(fault.Invalid, "a name is longer than %d bytes", maxName)
}

// insertColumns reads the list of columns, if there is one. Without it rows give all columns but invisible ones.
func (r *Reader) insertColumns(t *target) error {
	if err := r.blank(); err != nil {
		return err
	}
	t.given = make([]bool, len(t.table.Columns))
	if c, ok := r.w.peek(); !ok || c != '(' {
		t.all()
		return nil
	}
	r.w.pos++
	for {
		name, ok, err := r.identifier()
		if err != nil {
			return err
		}
		if !ok && len(t.columns) == 0 && r.w.starts(")") {
			r.w.pos++ // "()": every row is one of defaults
			t.partial = true
			return nil
		}
		if !ok {
			return r.fail(fault.Invalid, "the list of columns is not understood")
		}
		if err := r.give(t, name); err != nil {
			return err
		}
		if more, err := r.separator(); err != nil || !more {
			t.partial = len(t.columns) < len(t.given)
			return err
		}
	}
}

func (t *target) all() {
	for i := range t.table.Columns {
		if !t.table.Columns[i].Invisible {
			t.columns, t.given[i] = append(t.columns, i), true
		}
	}
	t.partial = len(t.columns) < len(t.given)
}

func (r *Reader) give(t *target, name string) error {
	i, ok := t.table.Index(r.spelled(name))
	if !ok {
		i, ok = t.table.Index(name)
	}
	switch {
	case !ok:
		return r.fail(fault.Invalid, "there is no column %s", r.spelled(name))
	case t.given[i]:
		return r.fail(fault.Invalid, "column %s is named twice", r.spelled(name))
	}
	t.columns, t.given[i] = append(t.columns, i), true
	return nil
}

// separator reads the comma behind a value or name (more) or the bracket that closes the list.
func (r *Reader) separator() (more bool, err error) {
	c, ok := r.w.peek()
	if !ok || c != ',' && c != ')' {
		if err := r.blank(); err != nil {
			return false, err
		}
		if c, ok = r.w.peek(); !ok {
			return false, r.cut("a list is not closed")
		}
	}
	if c != ',' && c != ')' {
		return false, r.fail(fault.Invalid, "expected a comma or a closing bracket")
	}
	r.w.pos++
	return c == ',', nil
}

// row reads the next row of an INSERT into r.lits.
func (r *Reader) row() error {
	if err := r.blank(); err != nil {
		return err
	}
	if c, ok := r.w.peek(); !ok {
		return r.cut("the last statement is not closed")
	} else if c != '(' {
		return r.fail(fault.Invalid, "expected a row")
	}
	r.w.keep = r.w.pos
	r.w.pos++
	return r.values()
}

// values reads the values of a row into r.lits.
func (r *Reader) values() error {
	r.lits, r.space = r.lits[:0], r.space[:0]
	if empty, err := r.emptyRow(); empty || err != nil {
		return err
	}
	want := len(r.into.columns)
	for {
		if len(r.lits) == want {
			return r.fail(fault.Invalid, "row %d has more values than the %d columns", r.into.rows+r.into.history+1, want)
		}
		if err := r.literal(); err != nil {
			return err
		}
		more, err := r.separator()
		if err != nil {
			return err
		}
		if !more {
			break
		}
	}
	if len(r.lits) < want {
		return r.fail(fault.Invalid, "row %d has %d values for %d columns", r.into.rows+r.into.history+1, len(r.lits), want)
	}
	return nil
}

// emptyRow takes "()", the row of defaults.
func (r *Reader) emptyRow() (bool, error) {
	if err := r.blank(); err != nil {
		return false, err
	}
	if c, ok := r.w.peek(); !ok || c != ')' || len(r.into.columns) > 0 && !r.into.partial {
		return false, nil
	}
	r.w.pos++
	return true, nil
}

// after reads what stands behind a row: a comma, or the end of the statement.
func (r *Reader) after() error {
	r.w.keep = -1
	if c, ok := r.w.peek(); ok && c == ',' {
		r.w.pos++
		return nil
	}
	if err := r.blank(); err != nil {
		return err
	}
	if bytes.Equal(r.w.ahead(len(r.delim)), r.delim) {
		r.w.pos += len(r.delim)
		r.into = nil
		return nil
	}
	c, ok := r.w.peek()
	switch {
	case ok && c == ',':
		r.w.pos++
		return nil
	case !ok:
		return r.cut("the last statement is not closed")
	case strings.EqualFold(r.firstWord(), "ON"):
		return r.fail(fault.Unsupported, "ON DUPLICATE KEY UPDATE is not read")
	}
	return r.fail(fault.Invalid, "expected a comma or the end of the statement")
}

// cells makes the cells of the row in r.lits.
func (r *Reader) cells() error {
	t := r.into
	if cap(r.out) < len(t.given) {
		r.out = make([]source.Cell, len(t.given))
	}
	r.out = r.out[:len(t.given)]
	if t.partial {
		for i := range t.given {
			if !t.given[i] {
				r.out[i] = t.table.Columns[i].Missing()
			}
		}
	}
	for i := range r.lits {
		if err := r.cell(t.columns[i], &r.lits[i], &r.out[t.columns[i]]); err != nil {
			return err
		}
	}
	return nil
}
