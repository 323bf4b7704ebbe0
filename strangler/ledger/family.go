package ledger

import (
	"encoding/binary"
	"slices"

	"github.com/ficushealth/ficus/fault"
	"github.com/ficushealth/ficus/strangler/source"
)

// Family is a row with its children as the source gave them: the image that quarantine keeps.
type Family struct {
	Root     Image
	Children []Image
}

// Image is one row of a family.
type Image struct {
	Table   string
	Columns []string
	Cells   []source.Cell
}

// ImageOf is the image of a row; it shares the row's memory.
func ImageOf(r source.Row) Image {
	columns := make([]string, len(r.Table.Columns))
	for i := range r.Table.Columns {
		columns[i] = r.Table.Columns[i].Name
	}
	return Image{Table: r.Table.String(), Columns: columns, Cells: r.Cells}
}

// Append appends the family in its storage form.
func (f Family) Append(dst []byte) []byte {
	for _, i := range slices.Concat([]Image{f.Root}, f.Children) {
		body := i.append(nil)
		dst = append(binary.AppendUvarint(dst, uint64(len(body))), body...)
	}
	return dst
}

func (i Image) append(dst []byte) []byte {
	dst = appendText(dst, i.Table)
	dst = binary.AppendUvarint(dst, uint64(len(i.Columns)))
	for _, c := range i.Columns {
		dst = appendText(dst, c)
	}
	return source.AppendCells(dst, i.Cells)
}

func appendText(dst []byte, s string) []byte {
	return append(binary.AppendUvarint(dst, uint64(len(s))), s...)
}

// ReadFamily reads what Append wrote; fault.Internal if b is not its work.
func ReadFamily(b []byte) (f Family, err error) {
	var images []Image
	for len(b) > 0 {
		body, rest, ok := cut(b)
		if !ok {
			return f, broken()
		}
		i, err := readImage(body)
		if err != nil {
			return f, err
		}
		images, b = append(images, i), rest
	}
	if len(images) == 0 {
		return f, broken()
	}
	return Family{Root: images[0], Children: images[1:]}, nil
}

func readImage(b []byte) (i Image, err error) {
	table, b, ok := cut(b)
	n, used := binary.Uvarint(b)
	if !ok || used <= 0 {
		return i, broken()
	}
	i.Table, b = string(table), b[used:]
	for range n {
		var column []byte
		if column, b, ok = cut(b); !ok {
			return i, broken()
		}
		i.Columns = append(i.Columns, string(column))
	}
	i.Cells, err = source.ReadCells(nil, b)
	return i, err
}

// cut takes a length and as many bytes from the front of b.
func cut(b []byte) (front, rest []byte, ok bool) {
	n, used := binary.Uvarint(b)
	if used <= 0 || n > uint64(len(b)-used) {
		return nil, nil, false
	}
	end := used + int(n)
	return b[used:end], b[end:], true
}

func broken() error { return fault.New(fault.Internal, "an image in quarantine is broken") }
