package dump

import (
	"bytes"

	"github.com/ficushealth/ficus/fault"
)

// capture reads a whole statement into r.text, comments blanked out and line ends kept; closed is false if the file ends
// before its delimiter.
func (r *Reader) capture() (closed bool, err error) {
	r.text = r.text[:0]
	for {
		c, ok := r.w.peek()
		if !ok {
			return false, r.broken()
		}
		if c == r.delim[0] && bytes.Equal(r.w.ahead(len(r.delim)), r.delim) {
			r.w.pos += len(r.delim)
			return true, nil
		}
		if err := r.captureOne(c); err != nil {
			return false, err
		}
		if len(r.text) > r.opt.MaxValue {
			return false, r.fail(fault.TooLarge, "a statement is longer than %d bytes", r.opt.MaxValue)
		}
	}
}

func (r *Reader) captureOne(c byte) error {
	if c == '\'' || c == '"' || c == '`' {
		return r.captureQuoted(c)
	}
	if c != '/' && c != '-' && c != '#' && c != '*' {
		r.text, r.w.pos = append(r.text, c), r.w.pos+1
		return nil
	}
	line := r.w.lineAt(r.w.pos)
	passed, err := r.comment(c)
	if err != nil || !passed {
		r.text, r.w.pos = append(r.text, c), r.w.pos+1
		return err
	}
	r.text = append(r.text, ' ')
	for range r.w.lineAt(r.w.pos) - line {
		r.text = append(r.text, '\n')
	}
	return nil
}

// captureQuoted copies a quoted text, its quotes and escapes included.
func (r *Reader) captureQuoted(quote byte) error {
	escapes := quote != '`' && !r.session.noBackslash()
	for first := true; ; first = false {
		c, ok := r.w.peek()
		if !ok {
			return r.cut("a quoted text is not closed")
		}
		r.text, r.w.pos = append(r.text, c), r.w.pos+1
		if c == '\\' && escapes {
			if c, ok = r.w.peek(); ok {
				r.text, r.w.pos = append(r.text, c), r.w.pos+1
			}
			continue
		}
		if len(r.text) > r.opt.MaxValue {
			return r.fail(fault.TooLarge, "a quoted text is longer than %d bytes", r.opt.MaxValue)
		}
		if c == quote && !first {
			return nil // a doubled quote opens the rest as a text of its own
		}
	}
}
