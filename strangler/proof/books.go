package proof

import (
	"context"

	"github.com/ficushealth/ficus/engine/db"
	"github.com/ficushealth/ficus/engine/store"
	"github.com/ficushealth/ficus/strangler/crosswalk"
	"github.com/ficushealth/ficus/strangler/ledger"
	"github.com/ficushealth/ficus/strangler/mapping"
)

// books is what ledger, crosswalk, quarantine and store say of the rows of a chunk.
type books struct {
	rows     map[string]ledger.Row            // by key in full
	links    map[string][]crosswalk.Link      // by key of the root
	children map[string]map[string]ledger.Row // by table and key
	held     map[string]ledger.Held           // by key of the root
	current  map[store.Key]store.Version
	history  history
	records  map[string]map[string]store.Kept // by type and id

	damaged map[store.Key]bool // targets that are stored and cannot be opened
}

// open reads the books of a chunk.
func (e *examiner) open(ctx context.Context, c *chunk) (*books, error) {
	b := &books{
		rows: map[string]ledger.Row{}, links: map[string][]crosswalk.Link{}, children: map[string]map[string]ledger.Row{},
		held: map[string]ledger.Held{}, records: map[string]map[string]store.Kept{},
		damaged: map[store.Key]bool{},
	}
	if err := e.DB.Read(ctx, func(tx db.Tx) error { return e.openLedger(ctx, tx, c, b) }); err != nil {
		return nil, err
	}
	if err := e.openStore(ctx, c, b); err != nil {
		return nil, err
	}
	return b, e.openRecords(ctx, b)
}

func (e *examiner) openLedger(ctx context.Context, tx db.Tx, c *chunk, b *books) error {
	err := ledger.Range(ctx, tx, e.Tenant, c.table, c.after, c.end(), func(r ledger.Row) error {
		b.rows[string(r.Source())] = r
		return nil
	})
	if err != nil {
		return err
	}
	lo, hi := ledger.Bounds(c.after, c.end())
	err = crosswalk.Range(ctx, tx, e.Tenant, c.table, lo, hi, func(l crosswalk.Link) error {
		b.links[string(l.Key)] = append(b.links[string(l.Key)], l)
		return nil
	})
	if err != nil {
		return err
	}
	if err := e.openChildren(ctx, tx, c, b); err != nil {
		return err
	}
	return ledger.HeldOf(ctx, tx, e.Tenant, c.table, c.keys, func(i int, h ledger.Held) error {
		b.held[string(c.keys[i])] = h
		return nil
	})
}

func (e *examiner) openChildren(ctx context.Context, tx db.Tx, c *chunk, b *books) error {
	for i, j := range c.mp.Joins {
		if !j.Owned {
			continue
		}
		var keys [][]byte
		for _, in := range c.inputs {
			for _, r := range in.Joined[i] {
				key, _ := ledger.Key(r.Key())
				keys = append(keys, key)
			}
		}
		known := map[string]ledger.Row{}
		b.children[j.Table] = known
		err := ledger.Of(ctx, tx, e.Tenant, e.names.ID(j.Table), keys, func(i int, r ledger.Row) error {
			known[string(keys[i])] = r
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// openStore reads the resources that the links name, as they are and as they were moved.
func (e *examiner) openStore(ctx context.Context, c *chunk, b *books) (err error) {
	var names []store.Key
	for _, links := range b.links {
		for _, l := range links {
			if name := e.targetOf(l); !mapping.IsRecord(name.Type) {
				names = append(names, name)
			}
		}
	}
	if b.current, err = e.fetch(ctx, b, names); err != nil {
		return err
	}
	return e.openHistory(ctx, b)
}

// fetch reads current versions. What cannot be opened is noted as damaged.
func (e *examiner) fetch(ctx context.Context, b *books, names []store.Key) (map[store.Key]store.Version, error) {
	found := make(map[store.Key]store.Version, len(names))
	err := eachReadable(ctx, names, func(names []store.Key) error {
		versions, err := e.Store.Fetch(ctx, e.Tenant, names)
		for _, v := range versions {
			found[store.Key{Type: v.Type, ID: v.ID}] = v
		}
		return err
	}, func(name store.Key) { b.damaged[name] = true })
	return found, err
}

func (e *examiner) fetchPasts(ctx context.Context, current map[store.Key]store.Version) (map[store.Key]store.Past, error) {
	var names []store.Key
	var rids []int64
	for k, v := range current {
		names, rids = append(names, k), append(rids, v.RID)
	}
	pasts, err := e.Store.Pasts(ctx, e.Tenant, rids)
	out := make(map[store.Key]store.Past, len(names))
	for i, p := range pasts {
		out[names[i]] = p
	}
	return out, err
}

// openRecords reads the records that the links name.
func (e *examiner) openRecords(ctx context.Context, b *books) error {
	ids := map[string][]string{}
	for _, links := range b.links {
		for _, l := range links {
			if typ := e.names.Name(l.Type); mapping.IsRecord(typ) {
				ids[typ] = append(ids[typ], l.ID)
			}
		}
	}
	for typ, list := range ids {
		if err := e.openKind(ctx, b, typ, list); err != nil {
			return err
		}
	}
	return nil
}

func (e *examiner) openKind(ctx context.Context, b *books, typ string, ids []string) error {
	b.records[typ] = map[string]store.Kept{}
	sink := e.sinks[typ]
	if sink == nil {
		return nil
	}
	return eachReadable(ctx, ids, func(ids []string) error {
		return e.DB.Read(ctx, func(tx db.Tx) error {
			records, err := e.Store.Records(ctx, tx, e.Tenant, sink, ids)
			if err != nil {
				return err
			}
			for _, r := range records {
				b.records[typ][r.ID] = r
			}
			return nil
		})
	}, func(id string) { b.damaged[store.Key{Type: typ, ID: id}] = true })
}
