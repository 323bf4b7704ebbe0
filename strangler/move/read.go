package move

import (
	"context"

	"github.com/ficushealth/ficus/strangler/ledger"
	"github.com/ficushealth/ficus/strangler/mapping"
	"github.com/ficushealth/ficus/strangler/source"
)

// read hands the rows of a walk, in batches, to take. The last batch says so; it may be empty.
func (m *Mover) read(ctx context.Context, w *walk, take func(*batch) error) error {
	b := &batch{walk: w, after: w.step.Key}
	room := 0
	for in, err := range m.inputs(ctx, w) {
		if err != nil {
			return err
		}
		if len(b.families) >= m.batchRows(w) || room > mostBytes {
			if err := take(b); err != nil {
				return err
			}
			b, room = &batch{walk: w, after: b.upto}, 0
		}
		f := newFamily(in)
		b.families, b.upto, room = append(b.families, f), f.full, room+in.Size()
	}
	b.last = true
	return take(b)
}

// batchRows is how many rows a batch takes. A sweep writes next to nothing for a row.
func (m *Mover) batchRows(w *walk) int {
	if w.sweep() && !m.size.fixed {
		return 4 * most
	}
	return m.size.now()
}

// inputs are the rows that a walk has still to look at: of a root table with what belongs to them, of a sweep alone.
func (m *Mover) inputs(ctx context.Context, w *walk) func(func(mapping.Input, error) bool) {
	from := source.Position{Key: w.step.Key}
	if !w.sweep() {
		return w.mp.Gather(ctx, m.Legacy, m.tables, from)
	}
	alone := mapping.Map{Table: w.table.String()}
	return alone.Gather(ctx, m.Legacy, m.tables, from)
}

func newFamily(in mapping.Input) *family {
	f := &family{Input: in, full: in.Row.Key()}
	f.key, f.whole = ledger.Key(f.full)
	return f
}
