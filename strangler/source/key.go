package source

import (
	"encoding/binary"
	"strconv"
)

// Tags of key parts; they sort NULL first, then numbers, then text.
const (
	keyNull    = 0
	keyInteger = 1 // 8 bytes, big-endian, sign flipped
	keyHuge    = 2 // an unsigned integer beyond int64: 8 bytes, big-endian
	keyText    = 3 // the bytes with 00 written as 00 FF, closed by 00 01
)

// AppendKey appends the sortable form of the cells at the places at. Each part closes itself, so that the key of some
// columns is a prefix of the key of these and more columns, and of no other.
func AppendKey(dst []byte, t *Table, cells []Cell, at []int) []byte {
	for _, i := range at {
		dst = appendPart(dst, t.Class(i), cells[i])
	}
	return dst
}

func appendPart(dst []byte, class Class, c Cell) []byte {
	if !c.Has() {
		return append(dst, keyNull)
	}
	if class != IntegerClass {
		return appendText(dst, original(c))
	}
	if n, ok := parseInt(c.Bytes); ok {
		return appendInteger(dst, n)
	}
	if n, err := strconv.ParseUint(string(c.Bytes), 10, 64); err == nil {
		return binary.BigEndian.AppendUint64(append(dst, keyHuge), n)
	}
	return appendText(dst, c.Bytes)
}

// original are the bytes that tell damaged texts apart.
func original(c Cell) []byte {
	if c.State == Damaged {
		return c.Raw
	}
	return c.Bytes
}

func appendInteger(dst []byte, n int64) []byte {
	return binary.BigEndian.AppendUint64(append(dst, keyInteger), uint64(n)^1<<63)
}

func appendText(dst, b []byte) []byte {
	dst = append(dst, keyText)
	for _, c := range b {
		dst = append(dst, c)
		if c == 0 {
			dst = append(dst, 0xFF)
		}
	}
	return append(dst, 0, 1)
}

// parseInt reads a decimal integer of at most 18 digits without allocating; longer ones go through strconv.
func parseInt(b []byte) (n int64, ok bool) {
	digits := b
	if len(b) > 0 && (b[0] == '-' || b[0] == '+') {
		digits = b[1:]
	}
	if len(digits) == 0 {
		return 0, false
	}
	if len(digits) > 18 {
		n, err := strconv.ParseInt(string(b), 10, 64)
		return n, err == nil
	}
	for _, c := range digits {
		if c < '0' || c > '9' {
			return 0, false
		}
		n = n*10 + int64(c-'0')
	}
	if b[0] == '-' {
		n = -n
	}
	return n, true
}
