package proof

import (
	"context"
	"slices"

	"github.com/ficushealth/ficus/engine/db"
	"github.com/ficushealth/ficus/strangler/crosswalk"
	"github.com/ficushealth/ficus/strangler/ledger"
	"github.com/ficushealth/ficus/strangler/mapping"
)

// unbooked finds links of the chunk's range whose row does not stand in the ledger.
func (e *examiner) unbooked(ctx context.Context, c *chunk, b *books) error {
	booked := map[string]bool{}
	for _, r := range b.rows {
		booked[string(r.Key)] = true
	}
	var keys [][]byte
	for key := range b.links {
		if !booked[key] {
			keys = append(keys, []byte(key))
		}
	}
	err := e.DB.Read(ctx, func(tx db.Tx) error {
		return ledger.Of(ctx, tx, e.Tenant, c.table, keys, func(i int, r ledger.Row) error {
			booked[string(keys[i])] = true // behind a cut key stand rows of other chunks
			return nil
		})
	})
	for _, key := range keys {
		for _, l := range b.links[string(key)] {
			if !booked[string(key)] && l.State != crosswalk.Deleted {
				e.found.differ(Books, c.mp.Table, e.chunkKey(c, key), "the crosswalk gives it "+e.names.Name(l.Type)+"/"+l.ID+", and the ledger does not have it")
			}
		}
	}
	return err
}

// chunkKey shows a key as the ledger writes it.
func (e *examiner) chunkKey(c *chunk, key []byte) string {
	i := slices.IndexFunc(c.keys, func(k []byte) bool { return string(k) == string(key) })
	if i < 0 {
		return e.keyText(c.mp.Table, key)
	}
	return c.inputs[i].Row.KeyText()
}

// links compares the ids of a row's targets with those that the mapping computes. Those of a mapped row are compared with
// the targets themselves.
func (e *examiner) links(c *chunk, i int, r ledger.Row, links []crosswalk.Link) {
	for _, l := range links {
		if l.State == crosswalk.Deleted || l.State == crosswalk.Live && r.State == ledger.Mapped {
			continue
		}
		if slot := e.names.Name(l.Slot); !slices.Contains(c.mp.TargetIDs(c.inputs[i], slot), l.ID) {
			e.found.differ(Books, c.mp.Table, c.inputs[i].Row.KeyText(), "the crosswalk gives it "+e.names.Name(l.Type)+"/"+l.ID+" as its "+slot+", and the mapping gives it no such id")
		}
	}
}

// accounted keeps the links that a row of the ledger accounts for; children have none.
func (p *prover) accounted(ctx context.Context, tx db.Tx, links []crosswalk.Link) (kept []crosswalk.Link, err error) {
	byTable := map[int32][]crosswalk.Link{}
	for _, l := range links {
		if !p.ofChildren(l.Table) {
			byTable[l.Table] = append(byTable[l.Table], l)
		}
	}
	for table, links := range byTable {
		keys := make([][]byte, len(links))
		for i, l := range links {
			keys[i] = l.Key
		}
		err := ledger.Of(ctx, tx, p.Tenant, table, keys, func(i int, r ledger.Row) error {
			if r.Root == nil {
				kept = append(kept, links[i])
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	return kept, nil
}

// books compares the tables of ledger and crosswalk with what they were when the last run ended.
func (p *prover) books(ctx context.Context) error {
	return p.DB.Read(ctx, func(tx db.Tx) error {
		broken, rows, err := ledger.Broken(ctx, tx, p.Tenant, ledger.NewHasher(p.leaves))
		p.found.compared(Books, int(rows))
		for _, table := range broken {
			p.found.differ(Books, table, "", "its rows are not those that the last run left")
		}
		return err
	})
}

// ofChildren reports whether a number is that of a table of children.
func (p *prover) ofChildren(table int32) bool {
	return slices.ContainsFunc(p.Pack.Covered(), func(c mapping.Covered) bool { return c.Child != "" && p.names.ID(c.Table) == table })
}
