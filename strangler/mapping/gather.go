package mapping

import (
	"bytes"
	"context"
	"iter"

	"github.com/ficushealth/ficus/strangler/source"
)

// Tables are the tables that a source has, by name.
type Tables map[string]*source.Table

// TablesOf asks a source for its tables.
func TablesOf(ctx context.Context, src source.Source) (Tables, error) {
	list, err := src.Tables(ctx)
	tables := make(Tables, len(list))
	for _, t := range list {
		tables[t.String()] = t
	}
	return tables, err
}

// Gather gives the map's rows behind from, each with the rows that belong to it, in the order of their keys. The rows are
// copies that stay valid; Installation is not set. A table that the source does not have has no rows.
func (m *Map) Gather(ctx context.Context, src source.Family, have Tables, from source.Position) iter.Seq2[Input, error] {
	return func(yield func(Input, error) bool) {
		t := have[m.Table]
		if t == nil {
			return
		}
		for row, err := range src.Rows(ctx, t, from) {
			var in Input
			if err == nil {
				in, err = m.with(ctx, src, have, keep(row))
			}
			if !yield(in, err) || err != nil {
				return
			}
		}
	}
}

// with fetches what belongs to a row.
func (m *Map) with(ctx context.Context, src source.Family, have Tables, row source.Row) (Input, error) {
	in := Input{Row: row, Joined: make([][]source.Row, len(m.Joins))}
	for i, j := range m.Joins {
		t := have[j.Table]
		if t == nil {
			continue
		}
		values := make([]source.Cell, len(j.From))
		for k, c := range j.From {
			values[k] = row.Cell(c)
		}
		for r, err := range src.Children(ctx, t, j.Columns, values) {
			if err != nil {
				return in, err
			}
			in.Joined[i] = append(in.Joined[i], keep(r))
		}
	}
	return in, nil
}

// keep is a copy of a row in two pieces of memory, however many cells it has.
func keep(r source.Row) source.Row {
	n := 0
	for i := range r.Cells {
		n += len(r.Cells[i].Bytes) + len(r.Cells[i].Raw)
	}
	space, cells := make([]byte, 0, n), make([]source.Cell, len(r.Cells))
	hold := func(b []byte) []byte {
		if b == nil {
			return nil
		}
		at := len(space)
		space = append(space, b...)
		return space[at:len(space):len(space)]
	}
	for i, c := range r.Cells {
		cells[i] = source.Cell{State: c.State, Bytes: hold(c.Bytes), Raw: hold(c.Raw)}
	}
	r.Cells, r.Position.Key = cells, bytes.Clone(r.Position.Key)
	return r
}

// Size is about how many bytes the input holds.
func (in Input) Size() int {
	n := size(in.Row)
	for _, rows := range in.Joined {
		for _, r := range rows {
			n += size(r)
		}
	}
	return n
}

func size(r source.Row) (n int) {
	for i := range r.Cells {
		n += len(r.Cells[i].Bytes) + len(r.Cells[i].Raw)
	}
	return n
}
