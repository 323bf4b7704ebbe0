package db

import (
	"encoding/binary"
	"math"

	"github.com/ficushealth/ficus/fault"
)

// A row travels as its values in the order of the columns: a bit for each that says whether it is NULL, rounded up to
// bytes, then the others: an Int as a zigzag varint, a Float as 8 bytes (IEEE 754, big-endian), a text and bytes as their
// length (uvarint) and themselves.

func appendRow(b []byte, cols []Column, r Row) []byte {
	nulls := len(b)
	b = append(b, make([]byte, (len(cols)+7)/8)...)
	for i, c := range cols {
		if r.IsNull(i) {
			b[nulls+i/8] |= 1 << (i % 8)
			continue
		}
		switch c.Kind {
		case Int:
			b = binary.AppendVarint(b, r.Int64(i))
		case Float:
			b = binary.BigEndian.AppendUint64(b, math.Float64bits(unsignedZero(r.Float64(i))))
		default:
			v := r.BytesNoCopy(i)
			b = append(binary.AppendUvarint(b, uint64(len(v))), v...)
		}
	}
	return b
}

// unsignedZero takes the sign from a zero, which SQLite does not keep.
func unsignedZero(v float64) float64 {
	if v == 0 {
		return 0
	}
	return v
}

// maxBatchRows bounds the rows of one statement.
const maxBatchRows = 5000

// batch is rows, column by column.
type batch struct {
	cols  []Column
	rows  int
	ints  [][]Null[int64]
	bits  [][]Null[bool]
	reals [][]Null[float64]
	texts [][]Null[string]
	blobs [][][]byte
}

func newBatch(cols []Column) *batch {
	n := len(cols)
	return &batch{cols: cols, ints: make([][]Null[int64], n), bits: make([][]Null[bool], n),
		reals: make([][]Null[float64], n), texts: make([][]Null[string], n), blobs: make([][][]byte, n)}
}

// take reads rows until there are enough of them, and gives the bytes behind them.
func (b *batch) take(rows []byte, d Dialect) (rest []byte, err error) {
	p := parser{left: rows, dialect: d}
	for ; b.rows < maxBatchRows && len(p.left) > 0; b.rows++ {
		nulls := p.bytes(uint64(len(b.cols)+7) / 8)
		for i := range b.cols {
			b.value(&p, i, p.err == nil && nulls[i/8]&(1<<(i%8)) != 0)
		}
		if p.err != nil {
			return nil, p.err
		}
	}
	return p.left, nil
}

func (b *batch) value(p *parser, i int, null bool) {
	switch c := b.cols[i]; {
	case c.boolean():
		v := take(p, null, (*parser).int)
		b.bits[i] = append(b.bits[i], Null[bool]{v.V != 0, v.OK})
	case c.Kind == Int:
		b.ints[i] = append(b.ints[i], take(p, null, (*parser).int))
	case c.Kind == Float:
		b.reals[i] = append(b.reals[i], take(p, null, (*parser).float))
	case c.Kind == Letters:
		v := take(p, null, (*parser).octets)
		b.texts[i] = append(b.texts[i], Null[string]{string(v.V), v.OK})
	default:
		b.blobs[i] = append(b.blobs[i], take(p, null, (*parser).octets).V)
	}
}

// boolean reports whether the database tells booleans from numbers in the column.
func (c Column) boolean() bool { return c.typ == "boolean" || c.typ == "bool" }

func take[T any](p *parser, null bool, read func(*parser) T) Null[T] {
	if null || p.err != nil {
		return Null[T]{}
	}
	return Some(read(p))
}

// slices are the columns as Each takes them.
func (b *batch) slices() []any {
	list := make([]any, len(b.cols))
	for i, c := range b.cols {
		switch {
		case c.boolean():
			list[i] = b.bits[i]
		case c.Kind == Int:
			list[i] = b.ints[i]
		case c.Kind == Float:
			list[i] = b.reals[i]
		case c.Kind == Letters:
			list[i] = b.texts[i]
		default:
			list[i] = b.blobs[i]
		}
	}
	return list
}

// parser reads values; after an error it reads zeros.
type parser struct {
	left    []byte
	dialect Dialect
	err     error
}

func (p *parser) fail() {
	if p.err == nil {
		p.err = newError(fault.Invalid, "what is to be copied in is cut off or is no row")
	}
}

func (p *parser) bytes(n uint64) []byte {
	if p.err != nil || n > uint64(len(p.left)) {
		p.fail()
		return nil
	}
	b := p.left[:n:n]
	p.left = p.left[n:]
	return b
}

func (p *parser) skip(n int) {
	if n <= 0 {
		p.fail()
		return
	}
	p.left = p.left[n:]
}

func (p *parser) int() int64 {
	v, n := binary.Varint(p.left)
	p.skip(n)
	return v
}

func (p *parser) float() float64 {
	b := p.bytes(8)
	if b == nil {
		return 0
	}
	v := math.Float64frombits(binary.BigEndian.Uint64(b))
	if math.IsNaN(v) && p.dialect == SQLite && p.err == nil {
		p.err = newError(fault.Invalid, "a number that is none (NaN) cannot be kept in SQLite")
	}
	return v
}

func (p *parser) octets() []byte {
	n, size := binary.Uvarint(p.left)
	p.skip(size)
	return p.bytes(n)
}
