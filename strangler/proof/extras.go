package proof

import (
	"context"
	"math"

	"github.com/ficushealth/ficus/engine/db"
	"github.com/ficushealth/ficus/engine/store"
	"github.com/ficushealth/ficus/fhir"
	"github.com/ficushealth/ficus/strangler/crosswalk"
	"github.com/ficushealth/ficus/strangler/mapping"
)

const listed = 1000

// extras looks through all resources and records of the types that the pack writes for those that did not come from a row,
// and asks whether one of them says that it did.
func (p *prover) extras(ctx context.Context) error {
	types := p.types()
	for _, sink := range p.sinks {
		if err := p.allRecords(ctx, sink, types[sink.Name()]); err != nil {
			return err
		}
	}
	for after := int64(math.MinInt64); ; {
		found, err := p.Store.List(ctx, p.Tenant, after, listed)
		if err != nil || len(found) == 0 {
			return err
		}
		after = found[len(found)-1].RID
		names, targets := p.candidates(found, types)
		p.found.compared(Extras, len(names))
		strangers, err := p.strangers(ctx, names, targets)
		if err != nil {
			return err
		}
		for _, name := range strangers {
			if err := p.stranger(ctx, name); err != nil {
				return err
			}
		}
	}
}

// allRecords looks through the records of one kind, which the pack may write or not.
func (p *prover) allRecords(ctx context.Context, sink store.RecordSink, ofPack bool) error {
	if err := p.extraRecords(ctx, sink, ofPack); err != nil {
		return err
	}
	return p.lostRecords(ctx, sink)
}

// types are the types of resources and records that the pack writes.
func (p *prover) types() map[string]bool {
	types := map[string]bool{}
	for _, mp := range p.Pack.Maps() {
		for _, t := range mp.Targets {
			types[t.Type] = true
		}
	}
	return types
}

func (p *prover) candidates(found []store.Version, types map[string]bool) (names []store.Key, targets []crosswalk.Target) {
	for _, v := range found {
		if types[v.Type] && !v.Deleted {
			names = append(names, store.Key{Type: v.Type, ID: v.ID})
			targets = append(targets, crosswalk.Target{Type: p.names.ID(v.Type), ID: v.ID})
		}
	}
	return names, targets
}

// strangers are the resources or records that are no row's target, whatever the crosswalk says of rows that are not in the
// ledger. One that is the target of several rows is a difference.
func (p *prover) strangers(ctx context.Context, names []store.Key, targets []crosswalk.Target) (strangers []store.Key, err error) {
	var links []crosswalk.Link
	err = p.DB.Read(ctx, func(tx db.Tx) error {
		err := crosswalk.OfTargets(ctx, tx, p.Tenant, targets, func(_ int, l crosswalk.Link) error {
			if l.State != crosswalk.Deleted {
				links = append(links, l)
			}
			return nil
		})
		if err == nil {
			links, err = p.accounted(ctx, tx, links)
		}
		return err
	})
	count := map[crosswalk.Target]int{}
	for _, l := range links {
		count[crosswalk.Target{Type: l.Type, ID: l.ID}]++
	}
	for i, t := range targets {
		switch n := count[t]; {
		case n == 0:
			strangers = append(strangers, names[i])
		case n > 1:
			p.found.differ(Extras, "", names[i].Type+"/"+names[i].ID, "it is the target of several rows")
		}
	}
	return strangers, err
}

// stranger asks of a resource that is no row's target whether it claims to be one: then it was copied or made up. What was
// made here in its own right claims nothing.
func (p *prover) stranger(ctx context.Context, name store.Key) error {
	versions, err := p.Store.Fetch(ctx, p.Tenant, []store.Key{name})
	if err != nil && unreadable(ctx, err) {
		p.found.differ(Extras, "", name.Type+"/"+name.ID, "the stored body cannot be opened")
		return nil
	}
	if err != nil || len(versions) == 0 || versions[0].Deleted {
		return err
	}
	r, err := fhir.Parse(versions[0].Body, fhir.Limits{})
	if err != nil {
		p.found.differ(Extras, "", name.Type+"/"+name.ID, "the stored body is no resource")
		return nil
	}
	p.claim(mapping.Target{Type: name.Type, ID: name.ID, Resource: r})
	return nil
}

// claim asks each map that makes such targets.
func (p *prover) claim(one mapping.Target) {
	for _, mp := range p.Pack.Maps() {
		for _, t := range mp.Targets {
			if one.Slot = t.Slot; t.Type == one.Type && p.claims(mp, one) {
				return
			}
		}
	}
	p.found.madeHere()
}

// claims reports whether the target, mapped back, is a row with a key.
func (p *prover) claims(mp *mapping.Map, t mapping.Target) bool {
	rows, err := mp.Inverse([]mapping.Target{t})
	if err != nil || len(rows) == 0 {
		return false
	}
	key := rows[0].Table.KeyColumns()
	for _, i := range key {
		if !rows[0].Cells[i].Has() || len(rows[0].Cells[i].Bytes) == 0 {
			return false
		}
	}
	if len(key) == 0 {
		return false
	}
	p.found.differ(Extras, mp.Table, rows[0].KeyText(), t.Type+"/"+t.ID+" claims the row and is not its target")
	return true
}
