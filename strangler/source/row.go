package source

import (
	"bytes"
	"strconv"
	"strings"
)

// Row is one row of a table. A row that a source hands out may share memory with it and is valid until the next one is
// asked for: Clone keeps it.
type Row struct {
	Table    *Table
	Cells    []Cell // one for each column of Table, in its order
	Position Position
}

// Clone is a copy that shares no memory with r.
func (r Row) Clone() Row {
	cells := make([]Cell, len(r.Cells))
	for i, c := range r.Cells {
		cells[i] = c.clone()
	}
	r.Cells = cells
	r.Position.Key = append([]byte(nil), r.Position.Key...)
	return r
}

// Cell is the cell of a column; an absent one if there is no such column.
func (r Row) Cell(column string) Cell {
	i, ok := r.Table.Index(column)
	if !ok || i >= len(r.Cells) {
		return Cell{}
	}
	return r.Cells[i]
}

// Historical reports whether r is an old version of a row of a system-versioned table, no longer current.
func (r Row) Historical() bool {
	end := r.Table.Versions()
	return end >= 0 && end < len(r.Cells) && r.Cells[end].Has() && !endless(r.Cells[end].Bytes)
}

// endless reports whether a version's end is the one that MariaDB gives to current rows: the greatest timestamp (of 32-bit
// or, since 11.5, unsigned 32-bit seconds) in whatever time zone, or the greatest transaction id.
func endless(end []byte) bool {
	if string(end) == "18446744073709551615" {
		return true
	}
	if !bytes.HasSuffix(end, []byte(".999999")) {
		return false
	}
	for _, day := range []string{"2038-01-18", "2038-01-19", "2106-02-06", "2106-02-07"} {
		if bytes.HasPrefix(end, []byte(day)) {
			return true
		}
	}
	return false
}

// Key tells r from all other rows of its table, and sorts as the key columns do: integers by value, text by its bytes. Old
// versions have the end of the version behind it. A table without a key is numbered by Position.Row.
func (r Row) Key() []byte {
	at := r.Table.KeyColumns()
	if len(at) == 0 {
		return appendInteger(nil, r.Position.Row)
	}
	key := AppendKey(make([]byte, 0, 9*len(at)), r.Table, r.Cells, at)
	if r.Historical() {
		key = appendText(key, r.Cells[r.Table.Versions()].Bytes)
	}
	return key
}

// KeyText is the key for people: "51", "1/ODH", or "#7" for the seventh row of a table without a key.
func (r Row) KeyText() string {
	at := r.Table.KeyColumns()
	if len(at) == 0 {
		return "#" + strconv.FormatInt(r.Position.Row, 10)
	}
	parts := make([]string, len(at))
	for i, c := range at {
		parts[i] = r.Cells[c].String()
	}
	return strings.Join(parts, "/")
}
