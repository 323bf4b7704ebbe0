package dump

import (
	"bytes"
	"strings"

	"github.com/ficushealth/ficus/fault"
	"github.com/ficushealth/ficus/strangler/source"
)

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
