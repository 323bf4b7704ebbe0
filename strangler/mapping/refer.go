package mapping

import (
	"github.com/ficushealth/ficus/fhir"
)

// refer makes a Reference of a key, or for a record the id alone. The key stands in the Reference as an identifier, because
// an id made by hashing has no way back.
type refer struct {
	target  *resolved
	typ     string // of the target
	slot    string // of the target in its map, where its type does not tell it apart
	system  string // of the identifier
	join    int    // lookup that holds the row, -1 if none: the row is taken to be there
	display *program
	bare    bool // the id alone
}

// resolved is the table that a reference points to.
type resolved struct {
	pack  *Pack
	table string
}

func (c *refer) to(r *run, b []byte) value {
	id := newID(r.in.Installation, c.target.pack.name, c.target.table, c.slot, view(b))
	if c.bare {
		return quoted([]byte(id))
	}
	v := value{form: raw, text: make([]byte, 0, 256)}
	if c.missing(r) {
		v.code = Orphan
		v.text = append(append(append(v.text, `{"type":"`...), c.typ...), '"')
	} else {
		v.text = append(append(append(v.text, `{"reference":"`...), c.typ...), '/')
		v.text = append(append(v.text, id...), '"')
	}
	v.text = append(appendQuoted(append(v.text, `,"identifier":{"system":`...), []byte(c.system)), `,"value":`...)
	v.text = append(appendQuoted(v.text, b), '}')
	v.text = append(c.appendDisplay(r, v.text), '}')
	if !validText(b) {
		return value{fit: unfit}
	}
	return v
}

// missing reports whether the row that is referred to is known not to be there.
func (c *refer) missing(r *run) bool {
	return c.join >= 0 && len(r.in.Joined[c.join]) == 0
}

func (c *refer) appendDisplay(r *run, b []byte) []byte {
	if c.display == nil {
		return b
	}
	f, text, err := c.display.eval(r)
	if err != nil || f != str || !validText(text) {
		return b
	}
	return appendQuoted(append(b, `,"display":`...), text)
}

func (c *refer) from(_ *run, v fhir.Value) ([]byte, bool) {
	id := v.Get("identifier")
	return []byte(id.Get("value").Str()), id.Get("system").Str() == c.system && id.Get("value").Exists()
}
