package source

import (
	"encoding/binary"
	"slices"

	"github.com/zeebo/xxh3"
)

// Tags of canonical fields.
const (
	tagAbsent  = 0
	tagNull    = 1
	tagText    = 2 // also temporal literals
	tagBytes   = 3 // binary and bit
	tagNumber  = 4 // integer, decimal, float: one spelling per number
	tagDamaged = 5 // text that is not valid in its character set, as the source holds it
)

// Canonical appends the bytes by which two images of a row are compared: the number of columns, then for each a tag, the
// length and the value. They do not depend on how the source spelled the row: 1.50 equals 1.5, and a text is the same
// whichever character set carried it. Generated columns count as absent: the database computes them, and some dumps leave them
// out. No Unicode form is folded and no space trimmed: every change of a value shows.
func Canonical(dst []byte, r Row) []byte {
	dst = binary.AppendUvarint(dst, uint64(len(r.Cells)))
	shape := r.Table.shaped()
	for i := range r.Cells {
		if shape.derived[i] {
			dst = append(dst, tagAbsent)
			continue
		}
		dst = appendField(dst, shape.classes[i], &r.Cells[i])
	}
	return dst
}

func appendField(dst []byte, class Class, c *Cell) []byte {
	switch c.State {
	case Absent:
		return append(dst, tagAbsent)
	case Null:
		return append(dst, tagNull)
	case Damaged:
		return appendSized(append(dst, tagDamaged), c.Raw)
	}
	switch class {
	case IntegerClass, NumberClass:
		return appendNumber(dst, c.Bytes)
	case BinaryClass, BitClass:
		return appendSized(append(dst, tagBytes), c.Bytes)
	}
	return appendSized(append(dst, tagText), c.Bytes)
}

func appendSized(dst, b []byte) []byte {
	return append(binary.AppendUvarint(dst, uint64(len(b))), b...)
}

// appendNumber appends a number in its one spelling; what is no number counts as text.
func appendNumber(dst, b []byte) []byte {
	var space [64]byte
	n, ok := appendNumeral(space[:0], b)
	if !ok {
		return appendSized(append(dst, tagText), b)
	}
	return appendSized(append(dst, tagNumber), n)
}

// Sum is a checksum of a row.
type Sum [16]byte

// Checksum is the 128-bit XXH3 of the row's canonical bytes: it finds accidental change, not forgery. scratch may be nil;
// its memory is used again and returned.
func Checksum(r Row, scratch []byte) (Sum, []byte) {
	scratch = Canonical(slices.Grow(scratch[:0], 256), r)
	return Sum(xxh3.Hash128(scratch).Bytes()), scratch
}
