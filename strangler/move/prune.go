package move

import (
	"context"
	"slices"

	"github.com/ficushealth/ficus/engine/db"
	"github.com/ficushealth/ficus/engine/store"
	"github.com/ficushealth/ficus/strangler/crosswalk"
	"github.com/ficushealth/ficus/strangler/ledger"
	"github.com/ficushealth/ficus/strangler/mapping"
)

const pruneRows = 200

// prune deletes the targets that their rows have no more, the maps in backward order so that what refers goes before what
// it refers to. A target that was changed here since, or that something still refers to, is left and counted.
func (m *Mover) prune(ctx context.Context, run ledger.Run, walks []*walk, res *Result) error {
	for _, w := range slices.Backward(walks) {
		if w.sweep() {
			continue
		}
		if err := m.pruneTable(ctx, run, w.step.Table, res); err != nil {
			return err
		}
	}
	return nil
}

func (m *Mover) pruneTable(ctx context.Context, run ledger.Run, table int32, res *Result) error {
	var after crosswalk.Link
	for ctx.Err() == nil {
		links, err := crosswalk.StaleOnes(ctx, m.DB, m.Tenant, table, after, pruneRows)
		if err != nil || len(links) == 0 {
			return err
		}
		after = links[len(links)-1]
		if err := m.remove(ctx, run, links, res); err != nil {
			return err
		}
	}
	return ctx.Err()
}

// remove deletes the targets of links, halving them where one cannot be deleted.
func (m *Mover) remove(ctx context.Context, run ledger.Run, links []crosswalk.Link, res *Result) error {
	err := m.delete(context.WithoutCancel(ctx), run, links)
	switch {
	case err == nil:
		res.Deleted += int64(len(links))
		return nil
	case !m.blames(ctx, run, err):
		return err
	case len(links) == 1:
		res.Left++
		return nil
	}
	half := len(links) / 2
	if err := m.remove(ctx, run, links[:half], res); err != nil {
		return err
	}
	return m.remove(ctx, run, links[half:], res)
}

func (m *Mover) delete(ctx context.Context, run ledger.Run, links []crosswalk.Link) error {
	after, notes := make([]crosswalk.Link, len(links)), map[string][]crosswalk.Link{}
	return m.desk.Write(ctx, func(c *store.Change) error {
		for i, l := range links {
			if typ := m.name(l.Type); mapping.IsRecord(typ) {
				notes[typ] = append(notes[typ], l)
			} else {
				c.Delete(typ, l.ID, store.Replayed(), ifMatch(l.Version))
				l.Version++
			}
			l.State, l.Digest = crosswalk.Deleted, nil
			after[i] = l
		}
		c.Do(func(ctx context.Context, tx db.Tx) error { return ledger.Guard(ctx, tx, m.Tenant, run, m.Now()) })
		if err := m.deleteNotes(c, notes); err != nil {
			return err
		}
		c.Do(func(ctx context.Context, tx db.Tx) error { return crosswalk.Put(ctx, tx, m.Tenant, after) })
		return nil
	})
}

// vanished counts what the ledger knows and the source does not hold any more, and what of it is still here.
func (m *Mover) vanished(ctx context.Context, res *Result) error {
	counts, err := ledger.CountRows(ctx, m.DB, m.Tenant)
	for _, c := range counts {
		res.Vanished += c.Gone
	}
	if err != nil || res.Vanished == 0 {
		return err
	}
	res.Standing, err = ledger.CountStanding(ctx, m.DB, m.Tenant)
	return err
}
