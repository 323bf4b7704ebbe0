package dump

import (
	"github.com/ficushealth/ficus/fault"
)

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
