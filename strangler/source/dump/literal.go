package dump

import (
	"strings"

	"github.com/ficushealth/ficus/fault"
)

type spelling uint8

const (
	bare    spelling = iota // a number or TRUE, FALSE
	null                    // NULL
	standin                 // DEFAULT
	plain                   // a string without escapes
	escaped                 // a string with escapes or doubled quotes
	hexed                   // 0x41 or x'41'
	bits                    // 0b01 or b'01'
)

// lit is a value as it stands in the file: bytes from to to, counted from the start of its row.
type lit struct {
	how      spelling
	quote    byte
	from, to int
	charset  string // of an introducer: "utf8mb4" of _utf8mb4'...'; "" without
}

// literal reads one value into r.lits.
func (r *Reader) literal() error {
	c, ok := r.w.peek()
	if ok && isSpace(c) || c == '/' || c == '-' || c == '#' || c == '*' {
		if err := r.blank(); err != nil {
			return err
		}
		c, ok = r.w.peek()
	}
	switch {
	case !ok:
		return r.cut("a row is not closed")
	case c == '\'' || c == '"':
		return r.str(c, "")
	case c >= '0' && c <= '9' || c == '-' || c == '+' || c == '.':
		return r.numeral(c)
	case isWord(c):
		return r.worded()
	}
	return r.fail(fault.Invalid, "value %d of a row is not understood", len(r.lits)+1)
}

// str reads a quoted string; the place stands at its opening quote.
func (r *Reader) str(quote byte, charset string) error {
	if quote == '"' && r.session.ansiQuotes() {
		return r.fail(fault.Unsupported, "value %d of a row is a name", len(r.lits)+1)
	}
	r.w.pos++
	l := lit{how: plain, quote: quote, from: r.w.pos - r.w.keep, charset: charset}
	backslash := byte('\\')
	if r.session.noBackslash() {
		backslash = quote
	}
	for {
		if !r.toStop(quote, backslash, l.from) {
			return r.cut("a string is not closed")
		}
		stop := r.w.buf[r.w.pos]
		r.w.pos++
		next, ok := r.w.peek()
		if stop == quote && (!ok || next != quote) {
			l.to = r.w.pos - 1 - r.w.keep
			r.lits = append(r.lits, l)
			return nil
		}
		if !ok {
			return r.cut("a string is not closed")
		}
		l.how = escaped
		r.w.pos++
	}
}

// toStop goes on to the next quote or backslash of the string that starts at from; false at the end of the file, and where
// the string is too long.
func (r *Reader) toStop(quote, backslash byte, from int) bool {
	for {
		for i, c := range r.w.buf[r.w.pos:r.w.end] {
			if c == quote || c == backslash {
				r.w.pos += i
				return r.fits(from)
			}
		}
		r.w.pos = r.w.end
		if !r.fits(from) || !r.w.more() {
			return false
		}
	}
}

func (r *Reader) fits(from int) bool {
	if r.w.pos-r.w.keep-from <= r.opt.MaxValue {
		return true
	}
	r.w.err = fault.New(fault.TooLarge, "value %d of a row is longer than %d bytes", len(r.lits)+1, r.opt.MaxValue)
	return false
}

// numeral reads a number, or a hex or bit literal of the form 0x41, 0b01.
func (r *Reader) numeral(c byte) error {
	l := lit{how: bare, from: r.w.pos - r.w.keep}
	if c == '0' {
		switch b := r.w.ahead(2); {
		case len(b) == 2 && b[1] == 'x':
			l.how, l.from = hexed, l.from+2
		case len(b) == 2 && b[1] == 'b':
			l.how, l.from = bits, l.from+2
		}
	}
	if l.how != bare {
		r.w.pos += 2
	}
	r.toEnd(l.how == bare)
	l.to = r.w.pos - r.w.keep
	if l.how == bare && !isNumber(r.w.buf[r.w.keep+l.from:r.w.keep+l.to]) {
		return r.fail(fault.Invalid, "value %d of a row is no number", len(r.lits)+1)
	}
	r.lits = append(r.lits, l)
	return nil
}

// toEnd goes on to the end of a bare value. A sign belongs to a number at its beginning and behind the e of an exponent.
func (r *Reader) toEnd(number bool) {
	before := byte('e')
	for {
		for r.w.pos < r.w.end {
			c := r.w.buf[r.w.pos]
			if !isWord(c) && c != '.' && !(number && (c == '-' || c == '+') && (before == 'e' || before == 'E')) {
				return
			}
			r.w.pos++
			before = c
		}
		if !r.w.more() {
			return
		}
	}
}

// isNumber reports whether b is a number literal: sign, digits, point, exponent.
func isNumber(b []byte) bool {
	if len(b) > 0 && (b[0] == '-' || b[0] == '+') {
		b = b[1:]
	}
	digits, point := 0, false
	for i, c := range b {
		switch {
		case c >= '0' && c <= '9':
			digits++
		case c == '.' && !point:
			point = true
		case (c == 'e' || c == 'E') && digits > 0:
			return exponent(b[i+1:])
		default:
			return false
		}
	}
	return digits > 0
}

func exponent(b []byte) bool {
	if len(b) > 0 && (b[0] == '-' || b[0] == '+') {
		b = b[1:]
	}
	for _, c := range b {
		if c < '0' || c > '9' {
			return false
		}
	}
	return len(b) > 0
}

// worded reads a value that begins with a letter: NULL, a constant, or a literal with a mark before its quote.
func (r *Reader) worded() error {
	from := r.w.pos - r.w.keep
	r.toEnd(false)
	w := string(r.w.buf[r.w.keep+from : min(r.w.pos, r.w.keep+from+32)])
	next, _ := r.w.peek()
	if next == '\'' {
		switch w {
		case "x", "X":
			return r.marked(hexed)
		case "b", "B":
			return r.marked(bits)
		case "n", "N":
			return r.str(next, "utf8mb3")
		}
	}
	switch strings.ToUpper(w) {
	case "NULL":
		r.lits = append(r.lits, lit{how: null})
		return nil
	case "DEFAULT":
		r.lits = append(r.lits, lit{how: standin})
		return nil
	case "TRUE", "FALSE":
		r.lits = append(r.lits, lit{how: bare, from: from, to: r.w.pos - r.w.keep})
		return nil
	}
	if w[0] == '_' {
		return r.introduced(strings.ToLower(w[1:]))
	}
	return r.fail(fault.Unsupported, "value %d of a row is an expression; only constants are read", len(r.lits)+1)
}

// introduced reads the literal behind an introducer such as _binary.
func (r *Reader) introduced(charset string) error {
	if err := r.blank(); err != nil {
		return err
	}
	n := len(r.lits)
	c, ok := r.w.peek()
	switch {
	case ok && (c == '\'' || c == '"'):
		return r.str(c, charset)
	case ok && c == '0':
		if err := r.numeral(c); err != nil {
			return err
		}
	case ok && (c == 'x' || c == 'X' || c == 'b' || c == 'B'):
		if err := r.worded(); err != nil {
			return err
		}
	}
	if len(r.lits) == n || r.lits[n].how != hexed && r.lits[n].how != bits {
		return r.fail(fault.Invalid, "no string follows the character set of value %d of a row", n+1)
	}
	r.lits[n].charset = charset
	return nil
}

// marked reads the quoted digits behind x or b.
func (r *Reader) marked(how spelling) error {
	if err := r.str('\'', ""); err != nil {
		return err
	}
	r.lits[len(r.lits)-1].how = how
	return nil
}
