package mapping

import (
	"bytes"
	"slices"

	"github.com/ficushealth/ficus/strangler/source"
)

// Project gives copies of rows, the root first and then children as Inverse gives them, without the columns that do not
// come back: generated ones, and those that the case of these targets drops. That a dropped column may be dropped Forward
// proves on each row.
func (m *Map) Project(targets []Target, rows []source.Row) []source.Row {
	k := m.caseOf(targets)
	out := make([]source.Row, len(rows))
	for i, row := range rows {
		row.Cells = slices.Clone(row.Cells)
		for c := range row.Cells {
			if row.Table.Columns[c].Generated != "" {
				row.Cells[c] = source.Cell{}
			}
		}
		if k != nil {
			k.blank(m, row, i == 0)
		}
		out[i] = row
	}
	return out
}

func (k *kase) blank(m *Map, row source.Row, root bool) {
	for _, d := range k.drops {
		if of := d.join < 0; of == root && (of || m.Joins[d.join].Table == row.Table.String()) {
			row.Cells[d.index] = source.Cell{}
		}
	}
}

// Differing names the columns in which two rows of one table differ.
func Differing(a, b source.Row) (columns []string) {
	for i := range min(len(a.Cells), len(b.Cells)) {
		if !bytes.Equal(alone(a, i), alone(b, i)) {
			columns = append(columns, a.Table.Columns[i].Name)
		}
	}
	return columns
}

// alone are the canonical bytes of a row of which only one column is left.
func alone(r source.Row, column int) []byte {
	cells := make([]source.Cell, len(r.Cells))
	cells[column] = r.Cells[column]
	return source.Canonical(nil, source.Row{Table: r.Table, Cells: cells})
}
