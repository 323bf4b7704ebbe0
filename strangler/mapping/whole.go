package mapping

import (
	"context"
	"iter"
	"slices"
	"strings"

	"github.com/ficushealth/ficus/strangler/source"
)

// whole is a source with all tables that a pack reads: those that it lacks are there, and empty.
type whole struct {
	source.Family
	absent Tables
	tables []*source.Table
}

// Whole is src with an empty table in the place of each that the pack was written for and src does not have, so that what
// was moved of it before is found missing row by row. Whether a table may be missing at all, Bind says.
func Whole(ctx context.Context, p *Pack, src source.Family) (source.Family, error) {
	have, err := TablesOf(ctx, src)
	if err != nil {
		return nil, err
	}
	w := &whole{Family: src, absent: Tables{}}
	for _, t := range have {
		w.tables = append(w.tables, t)
	}
	for _, t := range p.Tables() {
		if have[t.String()] == nil {
			w.absent[t.String()] = t
			w.tables = append(w.tables, t)
		}
	}
	slices.SortFunc(w.tables, func(a, b *source.Table) int { return strings.Compare(a.String(), b.String()) })
	return w, nil
}

// Tables are those of the source and the absent ones.
func (w *whole) Tables(context.Context) ([]*source.Table, error) { return w.tables, nil }

// Count counts rows; an absent table has none.
func (w *whole) Count(ctx context.Context, t *source.Table) (source.Count, error) {
	if w.absent[t.String()] != nil {
		return source.Count{}, nil
	}
	return w.Family.Count(ctx, t)
}

// Rows gives rows: see source.Source.
func (w *whole) Rows(ctx context.Context, t *source.Table, from source.Position) iter.Seq2[source.Row, error] {
	if w.absent[t.String()] != nil {
		return none
	}
	return w.Family.Rows(ctx, t, from)
}

// Children gives rows: see source.Family.
func (w *whole) Children(ctx context.Context, t *source.Table, columns []string, values []source.Cell) iter.Seq2[source.Row, error] {
	if w.absent[t.String()] != nil {
		return none
	}
	return w.Family.Children(ctx, t, columns, values)
}

func none(func(source.Row, error) bool) {}
