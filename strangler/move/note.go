package move

import (
	"bytes"
	"context"

	"github.com/ficushealth/ficus/engine/db"
	"github.com/ficushealth/ficus/engine/store"
	"github.com/ficushealth/ficus/fault"
	"github.com/ficushealth/ficus/strangler/crosswalk"
	"github.com/ficushealth/ficus/strangler/ledger"
	"github.com/ficushealth/ficus/strangler/mapping"
)

// note is a record of a row. A record has no versions: the fingerprint of what was moved says whether it was changed here.
type note struct {
	mapping.Target
	there bool   // it was moved before and not deleted
	was   []byte // its fingerprint then
	same  bool   // it holds what it should: nothing is written
}

// note adds a record to what the row puts, and returns its fingerprint.
func (f *family) note(t mapping.Target, was, now crosswalk.Link, h *ledger.Hasher) []byte {
	digest := h.Record(t.Type, t.ID, t.Record.Values)
	n := note{Target: t, there: was.State != 0 && was.State != crosswalk.Deleted && was.Type == now.Type && was.ID == now.ID, was: was.Digest}
	n.same = n.there && bytes.Equal(digest[:], was.Digest)
	f.notes = append(f.notes, n)
	return digest[:]
}

// writeNotes adds records to a change. fault.Stale in it, unless each is as it was moved, or new and not there.
func (m *Mover) writeNotes(c *store.Change, sink store.RecordSink, notes []note) {
	records := make([]store.Record, len(notes))
	for i, n := range notes {
		records[i] = store.Record{ID: n.ID, Values: n.Record.Values}
	}
	c.Do(func(ctx context.Context, tx db.Tx) error { return m.untouched(ctx, tx, sink, notes) })
	c.Records(sink, records)
}

// untouched is fault.Stale if somebody made, changed or deleted one of the records here.
func (m *Mover) untouched(ctx context.Context, tx db.Tx, sink store.RecordSink, notes []note) error {
	ids := make([]string, len(notes))
	for i, n := range notes {
		ids[i] = n.ID
	}
	have, err := m.digests(ctx, tx, sink, ids)
	if err != nil {
		return err
	}
	for _, n := range notes {
		if digest, there := have[n.ID]; there != n.there || there && !bytes.Equal(digest, n.was) {
			return changedHere(n.Type)
		}
	}
	return nil
}

func changedHere(typ string) error {
	return fault.New(fault.Stale, "the %s was made, changed or deleted here", typ)
}

// digests are the fingerprints of the records as they are stored now; nobody else changes them before the end of tx.
func (m *Mover) digests(ctx context.Context, tx db.Tx, sink store.RecordSink, ids []string) (map[string][]byte, error) {
	records, err := sink.Hold(ctx, tx, m.Tenant, ids)
	h, have := ledger.NewHasher(m.leaves), make(map[string][]byte, len(records))
	for _, r := range records {
		digest := h.Record(sink.Name(), r.ID, r.Values)
		have[r.ID] = digest[:]
	}
	return have, err
}

// deleteNotes adds the deletion of the records of links, by type, to a change. fault.Stale in it if one was changed here;
// one that is gone already is what was wanted.
func (m *Mover) deleteNotes(c *store.Change, byType map[string][]crosswalk.Link) error {
	for typ, links := range byType {
		sink := m.sinks[typ]
		if sink == nil {
			return fault.New(fault.Invalid, "no module takes the records %s any more", typ)
		}
		ids := make([]string, len(links))
		for i, l := range links {
			ids[i] = l.ID
		}
		c.Do(func(ctx context.Context, tx db.Tx) error { return m.unchanged(ctx, tx, sink, ids, links) })
		c.Forget(sink, ids)
	}
	return nil
}

// unchanged is fault.Stale if one of the records that are there is not as it was moved.
func (m *Mover) unchanged(ctx context.Context, tx db.Tx, sink store.RecordSink, ids []string, links []crosswalk.Link) error {
	have, err := m.digests(ctx, tx, sink, ids)
	if err != nil {
		return err
	}
	for _, l := range links {
		if digest, there := have[l.ID]; there && !bytes.Equal(digest, l.Digest) {
			return changedHere(sink.Name())
		}
	}
	return nil
}
