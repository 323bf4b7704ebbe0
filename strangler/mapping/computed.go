package mapping

import "github.com/ficushealth/ficus/fhir"

// computed turns a cell by an expression into text, and back by another. What the second does not turn back into the same
// bytes does not fit.
type computed struct {
	forward, inverse *program
	valid            func([]byte) bool
	verbatim         bool // what does not fit stands in the element as it is
}

func (c *computed) to(r *run, b []byte) value {
	f, text, err := c.forward.eval(r)
	if err == nil && f == str && c.valid(text) && string(c.back(r, text)) == string(b) {
		return quoted(text)
	}
	if c.verbatim && c.valid(b) && string(c.back(r, b)) == string(b) {
		v := quoted(b)
		v.code = AsIs
		return v
	}
	return value{fit: unfit}
}

// back is what a text goes back to: what the inverse gives, or, where that gives nothing, the text itself if texts may
// stand as they are.
func (c *computed) back(r *run, text []byte) []byte {
	r.value = string(text)
	f, b, err := c.inverse.eval(r)
	if err == nil && f != nothing {
		return b
	}
	if c.verbatim {
		return text
	}
	return nil
}

func (c *computed) from(r *run, v fhir.Value) ([]byte, bool) {
	b := c.back(r, []byte(v.Str()))
	return b, b != nil
}
