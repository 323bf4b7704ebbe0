package dump

import (
	"strconv"
	"unicode/utf8"

	"github.com/ficushealth/ficus/fault"
	"github.com/ficushealth/ficus/strangler/source"
)

// cell makes the cell of column i from a literal.
func (r *Reader) cell(i int, l *lit, c *source.Cell) error {
	*c = source.Cell{}
	switch l.how {
	case null:
		c.State = source.Null
		return nil
	case standin:
		*c = r.into.table.Columns[i].Missing()
		return nil
	case bare:
		c.State, c.Bytes = source.Value, r.bare(l)
		return r.numbered(i, c)
	}
	b, ok := r.bytes(l)
	if !ok {
		return r.fail(fault.Invalid, "a hex or bit value of column %s has wrong digits", r.into.table.Columns[i].Name)
	}
	c.State, c.Bytes = source.Value, b
	switch r.into.table.Class(i) {
	case source.BinaryClass:
		return nil
	case source.BitClass:
		c.Bytes = r.width(i, b)
		return nil
	case source.TextClass, source.TemporalClass:
		return r.decode(i, l, c)
	}
	if l.how == hexed || l.how == bits {
		return r.numeric(i, c)
	}
	return r.decode(i, l, c)
}

// numbered makes the value that a number stands for in column i: of bits and of the members of enum and set it is not its digits.
func (r *Reader) numbered(i int, c *source.Cell) error {
	switch {
	case r.into.table.Class(i) == source.BitClass:
		return r.bitsOf(i, c)
	case len(r.into.table.Columns[i].Enum) > 0:
		return r.member(i, c)
	}
	return nil
}

// bare is the text of a number or constant.
func (r *Reader) bare(l *lit) []byte {
	b := r.w.buf[r.w.keep+l.from : r.w.keep+l.to]
	switch b[0] {
	case 't', 'T':
		return []byte("1")
	case 'f', 'F':
		return []byte("0")
	}
	return b
}

// bytes are the bytes of a string, hex or bit literal. Those that are not in the file as they are go to r.space; where that
// moves, cells made before keep the old memory.
func (r *Reader) bytes(l *lit) (b []byte, ok bool) {
	raw := r.w.buf[r.w.keep+l.from : r.w.keep+l.to : r.w.keep+l.to]
	from := len(r.space)
	switch l.how {
	case plain:
		return raw, true
	case escaped:
		r.space, ok = appendString(r.space, raw, l.quote, r.session.noBackslash()), true
	case hexed:
		r.space, ok = appendHex(r.space, raw)
	default:
		r.space, ok = appendBits(r.space, raw)
	}
	return r.space[from:len(r.space):len(r.space)], ok
}

// decode makes UTF-8 of a text and keeps its bytes where they differ.
func (r *Reader) decode(i int, l *lit, c *source.Cell) error {
	name := r.charset(i, l)
	if ascii(c.Bytes) && !wideCharset(name) {
		return nil
	}
	if name == "utf8mb4" || name == "utf8mb3" || name == "" {
		if utf8.Valid(c.Bytes) {
			return nil
		}
		name = "utf8mb4"
	}
	cs, ok := source.FindCharset(name)
	if !ok {
		return r.fail(fault.Unsupported, "text of column %s in character set %q cannot be read; make the dump with --default-character-set=utf8mb4",
			r.into.table.Columns[i].Name, name)
	}
	from := len(r.space)
	r.space, ok = cs.Decode(r.space, c.Bytes)
	c.Raw, c.Bytes = c.Bytes, r.space[from:len(r.space):len(r.space)]
	if !ok {
		c.State = source.Damaged
	}
	return nil
}

// charset is the character set of a literal's bytes: the introducer's, else the connection's. Binary strings (hex, bits,
// connection or introducer binary) go into a column as they are, and so are in the column's own.
func (r *Reader) charset(i int, l *lit) string {
	name := l.charset
	if name == "" && l.how != hexed && l.how != bits {
		name = r.session.client.Name
	}
	if name == "" || name == "binary" {
		return r.into.table.Columns[i].Charset
	}
	return name
}

func wideCharset(name string) bool {
	switch name {
	case "ucs2", "utf16", "utf16le", "utf32":
		return true
	}
	return false
}

func ascii(b []byte) bool {
	for len(b) >= 8 {
		if (b[0]|b[1]|b[2]|b[3]|b[4]|b[5]|b[6]|b[7])&0x80 != 0 {
			return false
		}
		b = b[8:]
	}
	for _, c := range b {
		if c >= 0x80 {
			return false
		}
	}
	return true
}

// width brings the bytes of a bit column to the column's width.
func (r *Reader) width(i int, b []byte) []byte {
	size := (max(r.into.table.Columns[i].Len, 1) + 7) / 8
	for len(b) > size && b[0] == 0 {
		b = b[1:]
	}
	if len(b) >= size {
		return b
	}
	from := len(r.space)
	r.space = append(append(r.space, make([]byte, size-len(b))...), b...)
	return r.space[from:len(r.space):len(r.space)]
}

// bitsOf turns the decimal number of a bit column into bytes.
func (r *Reader) bitsOf(i int, c *source.Cell) error {
	n, err := strconv.ParseUint(string(c.Bytes), 10, 64)
	if err != nil {
		return r.fail(fault.Invalid, "a value of bit column %s is no whole number", r.into.table.Columns[i].Name)
	}
	b := []byte{byte(n >> 56), byte(n >> 48), byte(n >> 40), byte(n >> 32), byte(n >> 24), byte(n >> 16), byte(n >> 8), byte(n)}
	c.Bytes = r.width(i, b)
	return nil
}

// numeric turns a hex or bit literal in a column of numbers into the number.
func (r *Reader) numeric(i int, c *source.Cell) error {
	n, ok := c.Uint()
	if !ok {
		return r.fail(fault.Invalid, "a hex value of column %s is too long for a number", r.into.table.Columns[i].Name)
	}
	c.Bytes = strconv.AppendUint(nil, n, 10)
	return nil
}
