package movetest

import (
	"bytes"
	"context"
	"encoding/hex"
	"fmt"
	"iter"
	"slices"
	"strings"

	"github.com/zeebo/blake3"

	"github.com/ficushealth/ficus/strangler/source"
)

// Memory is a legacy source in memory. It is changed between runs, never during one.
type Memory struct {
	tables []*source.Table
	rows   map[string][]source.Row // by table, in the order of their keys
	Read   int                     // rows handed out
	Fail   func(table string, row int) error
}

var _ source.Family = (*Memory)(nil)

// NewMemory has these tables and no rows.
func NewMemory(tables []*source.Table) *Memory {
	return &Memory{tables: tables, rows: map[string][]source.Row{}}
}

// Table finds a table.
func (m *Memory) Table(name string) *source.Table {
	for _, t := range m.tables {
		if t.String() == name {
			return t
		}
	}
	panic("movetest: no table " + name)
}

// Put inserts a row, or replaces the one of the same key. A nil cell is NULL.
func (m *Memory) Put(table string, cells ...any) {
	row := source.Row{Table: m.Table(table), Cells: make([]source.Cell, len(cells))}
	for i, c := range cells {
		if row.Cells[i] = source.NullCell(); c != nil {
			row.Cells[i] = source.Text(fmt.Sprint(c))
		}
	}
	i, there := m.find(table, row.Key())
	row.Position = source.Position{Row: int64(i + 1), Key: row.Key()}
	if there {
		m.rows[table][i] = row
		return
	}
	m.rows[table] = slices.Insert(m.rows[table], i, row)
}

// Set changes one column of the row whose key is the number.
func (m *Memory) Set(table string, key any, column string, value any) {
	i, there := m.find(table, m.Key(table, key))
	if !there {
		panic("movetest: no such row")
	}
	row := m.rows[table][i].Clone()
	at, _ := row.Table.Index(column)
	if row.Cells[at] = source.NullCell(); value != nil {
		row.Cells[at] = source.Text(fmt.Sprint(value))
	}
	m.rows[table][i] = row
}

// Delete removes the row whose key is the number.
func (m *Memory) Delete(table string, key any) {
	if i, there := m.find(table, m.Key(table, key)); there {
		m.rows[table] = slices.Delete(m.rows[table], i, i+1)
	}
}

// Key is the key of the row whose key column holds the number.
func (m *Memory) Key(table string, key any) []byte {
	t := m.Table(table)
	cells := make([]source.Cell, len(t.Columns))
	cells[t.KeyColumns()[0]] = source.Text(fmt.Sprint(key))
	return source.Row{Table: t, Cells: cells}.Key()
}

func (m *Memory) find(table string, key []byte) (int, bool) {
	return slices.BinarySearchFunc(m.rows[table], key, func(r source.Row, key []byte) int { return bytes.Compare(r.Key(), key) })
}

// Drop removes a table, as from a dump that was made without it.
func (m *Memory) Drop(table string) {
	m.tables = slices.DeleteFunc(slices.Clone(m.tables), func(t *source.Table) bool { return t.String() == table })
	delete(m.rows, table)
}

// Len is how many rows a table has.
func (m *Memory) Len(table string) int { return len(m.rows[table]) }

// Identity hashes all rows.
func (m *Memory) Identity() source.Identity {
	h := blake3.New()
	for _, t := range m.tables {
		for _, r := range m.rows[t.String()] {
			_, _ = h.Write(source.Canonical([]byte(t.String()), r))
		}
	}
	return source.Identity{Kind: "memory", Name: "clinic", Hash: "blake3:" + hex.EncodeToString(h.Sum(nil))}
}

// Tables are all tables.
func (m *Memory) Tables(context.Context) ([]*source.Table, error) { return m.tables, nil }

// Count counts rows.
func (m *Memory) Count(_ context.Context, t *source.Table) (source.Count, error) {
	return source.Count{Rows: int64(len(m.rows[t.String()]))}, nil
}

// Rows gives the rows behind a key. Like a real source, it uses the memory of a row again for the next one.
func (m *Memory) Rows(ctx context.Context, t *source.Table, from source.Position) iter.Seq2[source.Row, error] {
	return func(yield func(source.Row, error) bool) {
		for i, r := range m.rows[t.String()] {
			if from.Key != nil && bytes.Compare(r.Key(), from.Key) <= 0 {
				continue
			}
			if err := m.fails(ctx, t, i); err != nil {
				yield(source.Row{}, err)
				return
			}
			m.Read++
			lent := r.Clone()
			if !yield(lent, nil) {
				return
			}
			wipe(lent)
		}
	}
}

func (m *Memory) fails(ctx context.Context, t *source.Table, row int) error {
	if m.Fail != nil {
		if err := m.Fail(t.String(), row); err != nil {
			return err
		}
	}
	return ctx.Err()
}

func wipe(r source.Row) {
	for _, c := range r.Cells {
		for i := range c.Bytes {
			c.Bytes[i] = '#'
		}
	}
}

// Children gives the rows whose columns hold the values, in the order of their keys.
func (m *Memory) Children(_ context.Context, t *source.Table, columns []string, values []source.Cell) iter.Seq2[source.Row, error] {
	return func(yield func(source.Row, error) bool) {
		for _, r := range m.rows[t.String()] {
			if !holds(r, columns, values) {
				continue
			}
			lent := r.Clone()
			if !yield(lent, nil) {
				return
			}
			wipe(lent)
		}
	}
}

func holds(r source.Row, columns []string, values []source.Cell) bool {
	for i, c := range columns {
		if have := r.Cell(c); !have.Has() || !values[i].Has() || !strings.EqualFold(have.String(), values[i].String()) {
			return false
		}
	}
	return true
}
