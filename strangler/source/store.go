package source

import (
	"encoding/binary"

	"github.com/ficushealth/ficus/fault"
)

const withRaw = 0x10 // flag beside the state: Raw follows

// AppendCells appends the storage form of cells, from which ReadCells makes them again, raw bytes and all.
func AppendCells(dst []byte, cells []Cell) []byte {
	for i := range cells {
		c := &cells[i]
		if c.Raw != nil {
			dst = appendSized(append(dst, byte(c.State)|withRaw), c.Bytes)
			dst = appendSized(dst, c.Raw)
			continue
		}
		dst = append(dst, byte(c.State))
		if c.Has() {
			dst = appendSized(dst, c.Bytes)
		}
	}
	return dst
}

// ReadCells appends to dst the cells that AppendCells wrote; they share b's memory. fault.Internal if b is not its work.
func ReadCells(dst []Cell, b []byte) ([]Cell, error) {
	for len(b) > 0 {
		c, rest, ok := readCell(b)
		if !ok {
			return dst, fault.New(fault.Internal, "a stored row is broken")
		}
		dst, b = append(dst, c), rest
	}
	return dst, nil
}

func readCell(b []byte) (c Cell, rest []byte, ok bool) {
	tag := b[0]
	c.State, b = State(tag&^withRaw), b[1:]
	if c.State > Damaged {
		return c, b, false
	}
	if !c.Has() {
		return c, b, tag&withRaw == 0
	}
	if c.Bytes, b, ok = readSized(b); ok && tag&withRaw != 0 {
		c.Raw, b, ok = readSized(b)
	}
	return c, b, ok
}

func readSized(b []byte) (value, rest []byte, ok bool) {
	n, used := binary.Uvarint(b)
	if used <= 0 || n > uint64(len(b)-used) {
		return nil, b, false
	}
	end := used + int(n)
	return b[used:end:end], b[end:], true
}
