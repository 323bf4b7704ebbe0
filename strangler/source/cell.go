package source

// State says whether a cell holds a value.
type State uint8

const (
	Absent  State = iota // the source did not give the column, and it has no constant default
	Null                 // SQL NULL
	Value                // Bytes is the value
	Damaged              // text that is not valid in its character set: Bytes has U+FFFD in the bad places, Raw what the source holds
)

// Cell is one column of one row. Of text columns Bytes is valid UTF-8, of binary and bit columns the bytes themselves (bit
// values big-endian, padded to the column's width), of all others the literal that the source wrote: "1.50",
// "0000-00-00 00:00:00".
type Cell struct {
	State State
	Bytes []byte
	Raw   []byte // the bytes in the source, where they differ from Bytes; else nil
}

// Text makes a cell that holds s.
func Text(s string) Cell { return Cell{State: Value, Bytes: []byte(s)} }

// Binary makes a cell that holds b.
func Binary(b []byte) Cell { return Cell{State: Value, Bytes: b} }

// NullCell makes a cell that holds SQL NULL.
func NullCell() Cell { return Cell{State: Null} }

// Has reports whether the cell holds a value, damaged or not.
func (c Cell) Has() bool { return c.State >= Value }

// String is the value as text, "" where there is none.
func (c Cell) String() string { return string(c.Bytes) }

// Uint is the number that a bit cell stands for; ok is false for a cell without a value or of more than 8 bytes.
func (c Cell) Uint() (n uint64, ok bool) {
	if !c.Has() || len(c.Bytes) > 8 {
		return 0, false
	}
	for _, b := range c.Bytes {
		n = n<<8 | uint64(b)
	}
	return n, true
}

// clone is a copy that shares no memory with c.
func (c Cell) clone() Cell {
	c.Bytes = append([]byte(nil), c.Bytes...)
	if c.Raw != nil {
		c.Raw = append([]byte(nil), c.Raw...)
	}
	return c
}
