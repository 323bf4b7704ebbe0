package proof

import (
	"context"

	"github.com/ficushealth/ficus/engine/db"
	"github.com/ficushealth/ficus/engine/store"
	"github.com/ficushealth/ficus/strangler/crosswalk"
	"github.com/ficushealth/ficus/strangler/mapping"
)

// extraRecords looks through all records of one kind for those that did not come from a row. Of a kind that the pack does
// not write it asks only whether they are as they were written.
func (p *prover) extraRecords(ctx context.Context, sink store.RecordSink, ofPack bool) error {
	for after := ""; ; {
		ids, err := p.listRecords(ctx, sink, after)
		if err != nil || len(ids) == 0 {
			return err
		}
		after = ids[len(ids)-1]
		p.found.compared(Extras, len(ids))
		names, targets := make([]store.Key, len(ids)), make([]crosswalk.Target, len(ids))
		for i, id := range ids {
			names[i], targets[i] = store.Key{Type: sink.Name(), ID: id}, crosswalk.Target{Type: p.names.ID(sink.Name()), ID: id}
		}
		strangers := names
		if ofPack {
			if strangers, err = p.strangers(ctx, names, targets); err != nil {
				return err
			}
		}
		if err := p.strangeRecords(ctx, sink, strangers, ofPack); err != nil {
			return err
		}
	}
}

func (p *prover) listRecords(ctx context.Context, sink store.RecordSink, after string) (ids []string, err error) {
	err = p.DB.Read(ctx, func(tx db.Tx) error {
		ids, err = sink.List(ctx, tx, p.Tenant, after, listed)
		return err
	})
	return ids, err
}

// strangeRecords asks of records that are no row's target whether they claim to be one.
func (p *prover) strangeRecords(ctx context.Context, sink store.RecordSink, strangers []store.Key, ofPack bool) error {
	ids := make([]string, len(strangers))
	for i, s := range strangers {
		ids[i] = s.ID
	}
	return eachReadable(ctx, ids, func(ids []string) error {
		records, err := p.readRecords(ctx, sink, ids)
		if err != nil || !ofPack {
			return err
		}
		for _, r := range records {
			p.claim(mapping.Target{Type: sink.Name(), ID: r.ID, Record: &mapping.Record{Values: r.Values}})
		}
		return nil
	}, func(id string) {
		p.found.damaged(sink.Name() + "/" + id)
		p.found.differ(Extras, "", sink.Name()+"/"+id, "it came from no row, and what is stored cannot be opened")
	})
}

func (p *prover) readRecords(ctx context.Context, sink store.RecordSink, ids []string) (records []store.Kept, err error) {
	err = p.DB.Read(ctx, func(tx db.Tx) (err error) {
		records, err = p.Store.Records(ctx, tx, p.Tenant, sink, ids)
		return err
	})
	return records, err
}

// lostRecords looks for records that were written and are not there, although nobody deleted them.
func (p *prover) lostRecords(ctx context.Context, sink store.RecordSink) error {
	for after := ""; ; {
		var ids []string
		err := p.DB.Read(ctx, func(tx db.Tx) (err error) {
			ids, err = p.Store.StampedIDs(ctx, tx, p.Tenant, sink.Name(), after, listed)
			return err
		})
		if err != nil || len(ids) == 0 {
			return err
		}
		after = ids[len(ids)-1]
		err = eachReadable(ctx, ids, func(ids []string) error {
			_, err := p.readRecords(ctx, sink, ids)
			return err
		}, func(id string) {
			if name := sink.Name() + "/" + id; !p.found.isDamaged(name) {
				p.found.differ(Extras, "", name, "it is not there, or is not as it was written")
			}
		})
		if err != nil {
			return err
		}
	}
}
