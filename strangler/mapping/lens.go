package mapping

import (
	"regexp"

	"github.com/ficushealth/ficus/strangler/source"
)

// lens is the rule of a column: how its cell becomes an element and the element the cell.
type lens struct {
	at      place
	index   int    // of the column
	path    string // "OpalDB.Patient.Sex"
	class   source.Class
	alone   *source.Table // a table of this column only
	slot    int           // the slot of the first spot, which also holds the mark
	spots   []*spot
	when    *program // that the first spot takes the value; nil: always, or if it fits
	keep    bool     // what does not fit is kept beside the element
	expect  *regexp.Regexp
	special special
	markURL string
	public  bool // the value may be shown
	open    bool // the rule does not say what becomes of a code that its terminology map lacks
	terms   *terms
}

// special says what becomes of the cells that hold no value that an element could hold.
type special struct {
	null, empty, zero action
	zeroText          string   // how the column writes zero: the zero date, or 0; "" if it is nothing special
	literal           *string  // a value that means the same as nothing
	dflt              *program // an expression that gives the value that means nothing
	absent            absence  // what the absence of the element means
}

// action is what becomes of a special cell.
type action uint8

const (
	refuseIt  action = iota // the row is refused
	absentIt                // nothing is written
	unknownIt               // a data-absent-reason
	markIt                  // an extension that names the state
	valueIt                 // a record's own NULL or ""
)

// absence is the state of a cell for which nothing is written.
type absence uint8

const (
	never absence = iota
	isNull
	isEmpty
	isZero
	isLiteral
	isDefault
)

// fill puts what the cell becomes into the slots from base on.
func (l *lens) fill(r *run, c *source.Cell, base int) {
	s := &r.slots[base+l.slot]
	switch {
	case c.State == source.Absent:
		r.refuse(l.at, l.path, Unfit, "the source did not give this column")
	case l.isNothing(r, c):
	case c.State == source.Null:
		l.say(r, s, l.special.null, "null")
	case c.State == source.Damaged:
		l.damage(r, c, base)
	case len(c.Bytes) == 0 && l.class <= source.BinaryClass:
		l.say(r, s, l.special.empty, "empty")
	case l.special.zeroText != "" && string(c.Bytes) == l.special.zeroText:
		l.say(r, s, l.special.zero, "zero")
	default:
		l.convert(r, c.Bytes, base)
	}
}

// isNothing reports whether the cell holds the value that means the same as nothing.
func (l *lens) isNothing(r *run, c *source.Cell) bool {
	if p := l.special.literal; p != nil {
		return c.State == source.Value && string(c.Bytes) == *p
	}
	if l.special.dflt == nil {
		return false
	}
	f, text, err := l.special.dflt.eval(r)
	switch {
	case err != nil:
		return false
	case f == nothing:
		return c.State == source.Null
	}
	return c.State == source.Value && l.equal(c.Bytes, text)
}

// equal reports whether two texts are the same value of the column.
func (l *lens) equal(a, b []byte) bool {
	if l.class != source.NumberClass && l.class != source.IntegerClass {
		return string(a) == string(b)
	}
	return string(l.canonical(a)) == string(l.canonical(b))
}

// canonical is a value as the proof compares it.
func (l *lens) canonical(b []byte) []byte {
	return source.Canonical(nil, source.Row{Table: l.alone, Cells: []source.Cell{{State: source.Value, Bytes: b}}})
}

func (l *lens) say(r *run, s *slot, a action, state string) {
	switch a {
	case refuseIt:
		r.refuse(l.at, l.path, Unfit, "the column holds a value of the kind "+state+", for which the map has no place")
	case unknownIt:
		s.beside |= besideUnknown
	case markIt:
		s.mark = state
	case valueIt:
		if state == "empty" {
			*s = slot{form: str}
		}
	}
}

// damage keeps the bytes of a broken text beside the element.
func (l *lens) damage(r *run, c *source.Cell, base int) {
	for _, p := range l.spots {
		if l.keep && p.leaf != nil {
			r.slots[base+p.slot].beside |= besideDamaged
			r.slots[base+p.slot].orig = c.Raw
			r.find(l.at, l.path, Damaged)
			return
		}
	}
	r.refuse(l.at, l.path, Damaged, "the text is not valid in its character set")
}

func (l *lens) convert(r *run, b []byte, base int) {
	spot, v, ok := l.choose(r, b)
	if !ok {
		return
	}
	s := &r.slots[base+spot.slot]
	s.form, s.text = v.form, v.text
	if v.second != nil {
		r.slots[base+spot.second] = slot{form: str, text: v.second}
	}
	if v.fit != exact {
		l.misfit(r, s, spot, v, b)
		return
	}
	if v.code != "" {
		l.find(r, v.code, b)
	}
	if l.expect != nil && !l.expect.Match(b) {
		l.find(r, Unexpected, b)
	}
}

// choose picks the spot that takes the value.
func (l *lens) choose(r *run, b []byte) (*spot, value, bool) {
	if l.when != nil {
		first, err := l.when.isTrue(r)
		if err != nil {
			r.refuse(l.when.at, l.path, Failed, "the condition fails")
			return nil, value{}, false
		}
		if !first {
			return l.spots[1], l.spots[1].conv.to(r, b), true
		}
	}
	v := l.spots[0].conv.to(r, b)
	if v.fit == unfit && l.when == nil && len(l.spots) > 1 {
		return l.spots[1], l.spots[1].conv.to(r, b), true
	}
	return l.spots[0], v, true
}

func (l *lens) misfit(r *run, s *slot, p *spot, v value, b []byte) {
	code := v.code
	if code == "" {
		code = [...]string{"", Inexact, AsIs}[v.fit]
	}
	if p.leaf == nil || v.fit == unfit && !l.keep {
		if code == AsIs {
			code = Unfit
		}
		first := r.refused == nil
		r.refuse(l.at, l.path, code, "the element cannot hold the value")
		if first {
			r.refused.Value, r.refused.Open = l.shown(b), code == Unmapped && l.open
		}
		return
	}
	if v.fit == unfit {
		s.form, s.text = nothing, nil
	}
	s.beside |= besideAsIs
	s.orig = b
	l.find(r, code, b)
}

func (l *lens) find(r *run, code string, b []byte) {
	r.find(l.at, l.path, code)
	r.findings[len(r.findings)-1].Value = l.shown(b)
}

// shown is a value if people may see it. One that is long is no code.
func (l *lens) shown(b []byte) string {
	if !l.public || len(b) > 64 {
		return ""
	}
	return string(b)
}
