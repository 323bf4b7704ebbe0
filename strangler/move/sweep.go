package move

import (
	"context"

	"github.com/ficushealth/ficus/engine/db"
	"github.com/ficushealth/ficus/strangler/ledger"
	"github.com/ficushealth/ficus/strangler/mapping"
)

// orphans finds the children of a sweep's batch that no root owns, and puts them into quarantine: each row of the source
// stands in the ledger, whatever it belongs to.
func (m *Mover) orphans(ctx context.Context, b *batch) error {
	b.walk.known = true // the walks before it have written its rows
	if err := m.look(ctx, b); err != nil {
		return err
	}
	rootless, err := m.rootless(ctx, b)
	if err != nil {
		return err
	}
	h, scratch := ledger.NewHasher(m.leaves), []byte(nil)
	for i, f := range b.families {
		scratch = f.hash(h, m.Pack.Hash(), scratch)
		f.same = f.known != nil && f.known.Gone == 0 && f.known.Leaf == f.leaf && !rootless[i]
		if !f.same {
			f.refuse(mapping.Refusal{Rule: "sweep", Path: b.walk.table.String(), Code: mapping.Orphan, Text: "no row of " + b.walk.mp.Table + " owns it"})
		}
	}
	return m.know(ctx, b.names())
}

// rootless says which rows belong, for all that the ledger knows, to a root that the source does not hold any more.
func (m *Mover) rootless(ctx context.Context, b *batch) (map[int]bool, error) {
	var roots [][]byte
	var at []int
	for i, f := range b.families {
		if f.known != nil && f.known.Root != nil {
			roots, at = append(roots, f.known.Root), append(at, i)
		}
	}
	lost := map[int]bool{}
	err := m.DB.Read(ctx, func(tx db.Tx) error {
		return ledger.Of(ctx, tx, m.Tenant, b.walk.root, roots, func(i int, r ledger.Row) error {
			if r.Gone != 0 {
				lost[at[i]] = true
			}
			return nil
		})
	})
	return lost, err
}
