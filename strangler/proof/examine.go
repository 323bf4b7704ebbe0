package proof

import (
	"bytes"
	"context"
	"strconv"

	"github.com/ficushealth/ficus/engine/store"
	"github.com/ficushealth/ficus/fhir"
	"github.com/ficushealth/ficus/strangler/crosswalk"
	"github.com/ficushealth/ficus/strangler/ledger"
	"github.com/ficushealth/ficus/strangler/mapping"
	"github.com/ficushealth/ficus/strangler/source"
)

// examiner compares chunks, one at a time.
type examiner struct {
	*prover
	hasher  *ledger.Hasher
	scratch []byte
}

func (e *examiner) leaf(r source.Row) ledger.Leaf {
	e.scratch = source.Canonical(e.scratch[:0], r)
	return e.hasher.Leaf(e.scratch)
}

// examine compares one chunk.
func (e *examiner) examine(ctx context.Context, c *chunk) error {
	b, err := e.open(ctx, c)
	if err != nil {
		return err
	}
	if err := e.unbooked(ctx, c, b); err != nil {
		return err
	}
	for i := range c.inputs {
		if err := e.row(c, b, i); err != nil {
			return err
		}
		delete(b.rows, string(c.full[i]))
	}
	for _, r := range b.rows {
		e.sourceless(c, b, r)
	}
	return nil
}

// sourceless is about a row of the ledger that the source does not have.
func (e *examiner) sourceless(c *chunk, b *books, r ledger.Row) {
	e.histories(c, b, e.keyText(c.mp.Table, r.Source()), b.links[string(r.Key)])
	if r.Gone == 0 {
		e.found.differ(Books, c.mp.Table, e.keyText(c.mp.Table, r.Source()), "the ledger has it, the source has not")
		return
	}
	for _, l := range b.links[string(r.Key)] {
		if l.State != crosswalk.Deleted {
			e.found.differ(Books, c.mp.Table, e.keyText(c.mp.Table, r.Source()), "it has vanished from the source, and its "+e.names.Name(l.Type)+" is still here")
		}
	}
}

// row compares one row, with its children, with everything that is known of it.
func (e *examiner) row(c *chunk, b *books, i int) error {
	in, all := c.inputs[i], b.links[string(c.keys[i])]
	e.found.compared(Books, 1)
	r, known := b.rows[string(c.full[i])]
	if !known || r.Gone != 0 {
		e.found.differ(Books, c.mp.Table, in.Row.KeyText(), "the ledger does not have it")
		return nil
	}
	if r.Leaf != e.leaf(in.Row) {
		e.found.differ(Books, c.mp.Table, in.Row.KeyText(), "it is not the row that was taken")
	}
	e.family(c, b, i, r)
	out, err := c.mp.Forward(in)
	if err != nil {
		return err
	}
	e.histories(c, b, in.Row.KeyText(), all)
	e.links(c, i, r, all)
	links := alive(all)
	switch r.State {
	case ledger.Mapped:
		e.mapped(c, b, in, links, out)
	case ledger.Filtered:
		e.filtered(c, in, r, links, out)
	case ledger.Quarantined:
		e.quarantined(c, b, i, r, out)
	default:
		e.found.differ(Books, c.mp.Table, in.Row.KeyText(), "the ledger gives it no state")
	}
	return nil
}

func alive(links []crosswalk.Link) (live []crosswalk.Link) {
	for _, l := range links {
		if l.State == crosswalk.Live {
			live = append(live, l)
		}
	}
	return live
}

// family compares the children with their entries in the ledger.
func (e *examiner) family(c *chunk, b *books, i int, root ledger.Row) {
	for k, j := range c.mp.Joins {
		if !j.Owned {
			continue
		}
		for _, child := range c.inputs[i].Joined[k] {
			e.found.compared(Books, 1)
			key, _ := ledger.Key(child.Key())
			r, known := b.children[j.Table][string(key)]
			switch {
			case !known || r.Gone != 0:
				e.found.differ(Books, j.Table, child.KeyText(), "the ledger does not have it")
			case !bytes.Equal(r.Root, root.Key):
				e.found.differ(Books, j.Table, child.KeyText(), "the ledger gives it to another row")
			case r.State != root.State || r.Reason != root.Reason:
				e.found.differ(Books, j.Table, child.KeyText(), "the ledger does not say of it what it says of its root")
			case r.Leaf != e.leaf(child):
				e.found.differ(Books, j.Table, child.KeyText(), "it is not the row that was taken")
			}
		}
	}
}

func (e *examiner) filtered(c *chunk, in mapping.Input, r ledger.Row, links []crosswalk.Link, out mapping.Output) {
	e.found.compared(ResourceSpace, 1)
	if out.Filtered == "" || out.Filtered != e.names.Name(r.Reason) {
		e.found.differ(ResourceSpace, c.mp.Table, in.Row.KeyText(), "the ledger says that it was filtered as "+e.names.Name(r.Reason)+", the mapping does not")
	}
	if len(links) > 0 {
		e.found.differ(ResourceSpace, c.mp.Table, in.Row.KeyText(), "it was filtered, and has targets all the same")
	}
}

// mapped compares the row's targets in both spaces.
func (e *examiner) mapped(c *chunk, b *books, in mapping.Input, links []crosswalk.Link, out mapping.Output) {
	e.found.compared(ResourceSpace, 1)
	e.found.compared(RowSpace, 1)
	key := in.Row.KeyText()
	if len(out.Targets) == 0 {
		e.found.differ(ResourceSpace, c.mp.Table, key, "the ledger says that it was mapped, the mapping does not map it")
		return
	}
	stored := e.stored(c, b, key, links)
	for _, t := range out.Targets {
		e.target(c, key, t, stored)
	}
	for slot := range stored {
		if !yields(out, slot) {
			e.found.differ(ResourceSpace, c.mp.Table, key, "the crosswalk has a target "+slot+", which the mapping does not make")
		}
	}
	e.back(c, in, out.Targets, stored)
}

func yields(out mapping.Output, slot string) bool {
	for _, t := range out.Targets {
		if t.Slot == slot {
			return true
		}
	}
	return false
}

// kept is a target as it came back from the store.
type kept struct {
	mapping.Target
	version store.Version // of a resource
	digest  []byte        // of a record, as the crosswalk has it
	changed bool          // a record that was changed or deleted here: nothing but the digest tells what was moved
}

// stored are the row's targets as they are stored, in the versions that were moved, by slot.
func (e *examiner) stored(c *chunk, b *books, key string, links []crosswalk.Link) map[string]kept {
	found := map[string]kept{}
	for _, l := range links {
		slot, typ := e.names.Name(l.Slot), e.names.Name(l.Type)
		t := mapping.Target{Slot: slot, Type: typ, ID: l.ID}
		if mapping.IsRecord(typ) {
			if r, there := b.records[typ][l.ID]; there {
				found[slot] = e.recordAs(t, r, l)
			} else if b.damaged[store.Key{Type: typ, ID: l.ID}] {
				e.found.damaged(typ + "/" + l.ID)
				e.found.differ(ResourceSpace, c.mp.Table, key, typ+"/"+l.ID+": what is stored cannot be opened")
			}
			continue
		}
		v, ok := e.version(c, b, key, l)
		if !ok {
			continue
		}
		var err error
		if t.Resource, err = fhir.Parse(v.Body, fhir.Limits{}); err != nil {
			e.found.differ(Versions, c.mp.Table, key, typ+"/"+l.ID+": the stored body is no resource")
			continue
		}
		found[slot] = kept{Target: t, version: v}
	}
	return found
}

// recordAs is a record as it was moved, as far as it still is. That it was written through the store is known already, so
// one that is not as it was moved was changed here.
func (e *examiner) recordAs(t mapping.Target, r store.Kept, l crosswalk.Link) kept {
	t.Record = &mapping.Record{Values: r.Values}
	digest := e.hasher.Record(t.Type, t.ID, r.Values)
	changed := r.Gone || !bytes.Equal(digest[:], l.Digest)
	if changed {
		e.found.changedHere()
	}
	return kept{Target: t, digest: l.Digest, changed: changed}
}

// version is the version of a target that was moved, if the store has it. Whatever is odd about it is a difference.
func (e *examiner) version(c *chunk, b *books, key string, l crosswalk.Link) (v store.Version, ok bool) {
	name := e.targetOf(l)
	e.found.compared(Versions, 1)
	differ := func(what string) (store.Version, bool) {
		e.found.differ(Versions, c.mp.Table, key, name.Type+"/"+name.ID+": "+what)
		return store.Version{}, false
	}
	if b.damaged[name] {
		e.found.damaged(name.Type + "/" + name.ID)
		return differ("what is stored cannot be opened")
	}
	v, ok = b.current[name]
	if !ok {
		return differ("it is not there")
	}
	if !precedes(b.history.extent[name], v) {
		differ("the history is not that of version " + strconv.FormatInt(v.Number, 10))
	}
	switch {
	case v.Number < l.Version:
		return differ("version " + strconv.FormatInt(l.Version, 10) + " was moved, version " + strconv.FormatInt(v.Number, 10) + " is there")
	case v.Number > l.Version:
		e.found.changedHere()
		if v, ok = b.history.moved[store.VersionKey{Key: name, Number: l.Version}]; !ok {
			return differ("the version that was moved is not there any more")
		}
	}
	if v.Deleted || v.Body == nil {
		return differ("it is deleted, in the version that was moved")
	}
	return v, true
}

// target compares what the mapping makes with what is stored.
func (e *examiner) target(c *chunk, key string, t mapping.Target, stored map[string]kept) {
	have, ok := stored[t.Slot]
	switch {
	case !ok:
		e.found.differ(ResourceSpace, c.mp.Table, key, t.Type+"/"+t.ID+": it is not stored")
	case have.Type != t.Type || have.ID != t.ID:
		e.found.differ(ResourceSpace, c.mp.Table, key, "the crosswalk has "+have.Type+"/"+have.ID+" for its "+t.Slot+", the mapping makes "+t.Type+"/"+t.ID)
	case t.Record != nil:
		if digest := e.hasher.Record(t.Type, t.ID, t.Record.Values); !bytes.Equal(digest[:], have.digest) {
			e.found.differ(Versions, c.mp.Table, key, t.Type+"/"+t.ID+": the crosswalk has the fingerprint of another record")
		}
		if have.changed {
			return
		}
		for _, name := range differingFields(t.Record, have.Record) {
			e.found.differ(ResourceSpace, c.mp.Table, key, t.Type+"/"+t.ID+": "+name)
		}
	default:
		if path := differingPath(t.Resource, have.version); path != "" {
			e.found.differ(ResourceSpace, c.mp.Table, key, t.Type+"/"+t.ID+": "+path)
		}
	}
}

// back compares the rows that the stored targets came from with those of the source, and sums both up.
func (e *examiner) back(c *chunk, in mapping.Input, made []mapping.Target, stored map[string]kept) {
	want := c.mp.Project(made, ownedRows(c.mp, in))
	for _, r := range want {
		c.sum(r.Table.String()).source.Add(e.leaf(r))
	}
	targets := make([]mapping.Target, 0, len(stored))
	for _, t := range made { // in the order of the map
		have, ok := stored[t.Slot]
		switch {
		case ok && have.changed: // its digest was compared with that of t, so this is what was moved
			targets = append(targets, t)
		case ok:
			targets = append(targets, have.Target)
		}
	}
	got, err := c.mp.Inverse(targets)
	if err != nil {
		e.found.differ(RowSpace, c.mp.Table, in.Row.KeyText(), "there is no way back from what is stored")
		return
	}
	got = c.mp.Project(targets, got)
	for _, r := range got {
		c.sum(r.Table.String()).target.Add(e.leaf(r))
	}
	e.compareRows(c, in, want, got)
}

// ownedRows are the root and its own children.
func ownedRows(mp *mapping.Map, in mapping.Input) []source.Row {
	rows := []source.Row{in.Row}
	for i, j := range mp.Joins {
		if j.Owned {
			rows = append(rows, in.Joined[i]...)
		}
	}
	return rows
}

func (e *examiner) compareRows(c *chunk, in mapping.Input, want, got []source.Row) {
	if len(want) != len(got) {
		e.found.differ(RowSpace, c.mp.Table, in.Row.KeyText(), strconv.Itoa(len(want)-1)+" children in the source, "+strconv.Itoa(len(got)-1)+" come back")
		return
	}
	for i := range want {
		e.found.compared(RowSpace, min(i, 1)) // the root is counted already
		if want[i].Table.String() != got[i].Table.String() {
			e.found.differ(RowSpace, want[i].Table.String(), want[i].KeyText(), "a row of another table comes back")
			continue
		}
		for _, column := range mapping.Differing(want[i], got[i]) {
			e.found.differ(RowSpace, want[i].Table.String(), want[i].KeyText(), column)
		}
	}
}
