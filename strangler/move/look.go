package move

import (
	"context"

	"github.com/ficushealth/ficus/engine/db"
	"github.com/ficushealth/ficus/strangler/crosswalk"
	"github.com/ficushealth/ficus/strangler/ledger"
)

// look asks the ledger what it knows of the batch's range, and finds what has vanished from it.
func (m *Mover) look(ctx context.Context, b *batch) error {
	if !b.walk.known {
		return nil
	}
	rows, links := map[string]ledger.Row{}, map[string][]crosswalk.Link{}
	err := m.DB.Read(ctx, func(tx db.Tx) error { return m.lookUp(ctx, tx, b, rows, links) })
	if err != nil {
		return err
	}
	for _, f := range b.families {
		if row, ok := rows[string(f.full)]; ok {
			f.known, f.links = &row, links[string(f.key)]
			delete(rows, string(f.full))
		}
	}
	for _, row := range rows {
		if row.Gone == 0 || m.DeleteVanished {
			b.vanished = append(b.vanished, row)
		}
	}
	return nil
}

func (m *Mover) lookUp(ctx context.Context, tx db.Tx, b *batch, rows map[string]ledger.Row, links map[string][]crosswalk.Link) error {
	table := b.walk.id
	err := ledger.Range(ctx, tx, m.Tenant, table, b.after, b.end(), func(r ledger.Row) error {
		rows[string(r.Source())] = r
		return nil
	})
	if err != nil || b.walk.sweep() {
		return err
	}
	lo, hi := ledger.Bounds(b.after, b.end())
	return crosswalk.Range(ctx, tx, m.Tenant, table, lo, hi, func(l crosswalk.Link) error {
		links[string(l.Key)] = append(links[string(l.Key)], l)
		return nil
	})
}
