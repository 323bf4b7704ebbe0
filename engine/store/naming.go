package store

import (
	"context"

	"github.com/ficushealth/ficus/engine/db"
)

// Records are the records of these ids that are there, as nobody else changes them before the change is made. Faults: Internal
// for one that was changed behind the store's back, which a write would cover up.
func (a *Alone) Records(sink RecordSink, ids []string) ([]Kept, error) {
	there, err := sink.Hold(a.ctx, a.tx, a.c.m.p.Tenant, ids)
	if err != nil {
		return nil, err
	}
	stamps, err := stampsOf(a.ctx, a.tx, stampSQL.hold, a.c.m.p.Tenant, sink.Name(), ids)
	if err != nil {
		return nil, err
	}
	kept := keptOf(there, stamps)
	return kept, a.c.m.keys.genuine(sink.Name(), kept, stamps)
}

// PutRecords writes records at once, new ones or others in their place.
func (a *Alone) PutRecords(sink RecordSink, records []Record) error {
	return a.c.m.putRecords(a.ctx, a.tx, sink, records)
}

// replacedSQL finds what has taken the place of resources.
var replacedSQL = db.Text{
	SQLite: `SELECT $4, s.successor FROM resource r JOIN resource_successor s ON s.tenant = r.tenant AND s.rid = r.rid
		WHERE r.tenant = $1 AND r.type = $2 AND r.id = $3`,
	Postgres: `SELECT q.n - 1, s.successor FROM unnest($1::int4[], $2::int2[], $3::text[]) WITH ORDINALITY AS q(tenant, type, id, n)
		JOIN resource r ON r.tenant = q.tenant AND r.type = q.type AND r.id = q.id JOIN resource_successor s ON s.tenant = r.tenant AND s.rid = r.rid`,
}

// nameable refuses records that name what another resource has taken the place of; one that does so already may go on. Faults:
// Unprocessable, with the name of the other.
func (m *member) nameable(ctx context.Context, tx db.Tx, sink RecordSink, records []Record) error {
	naming, does := sink.(Naming)
	if !does || m.alone != nil {
		return nil
	}
	for _, n := range naming.Names() {
		if err := m.nameableBy(ctx, tx, naming, n, records); err != nil {
			return err
		}
	}
	return nil
}

func (m *member) nameableBy(ctx context.Context, tx db.Tx, sink Naming, n Name, records []Record) error {
	var k keys
	var named []Record
	index, known := typeIndex(n.Type)
	if !known {
		return unknownType(n.Type)
	}
	for _, r := range records {
		if id := r.Values[n.Field]; id != nil {
			k.add(identity{m.p.Tenant, index, *id})
			named = append(named, r)
		}
	}
	successors := map[int]string{}
	err := tx.EachQuery(ctx, replacedSQL, func(r db.Row) error {
		successors[int(r.Int64(0))] = r.Text(1)
		return nil
	}, k.tenant, k.index, k.id)
	if err != nil {
		return err
	}
	for i, by := range successors {
		if err := m.named(ctx, tx, sink, n, named[i], by); err != nil {
			return err
		}
	}
	return nil
}

// named refuses a record that names what was replaced, unless it did before.
func (m *member) named(ctx context.Context, tx db.Tx, sink Naming, n Name, r Record, by string) error {
	there, err := sink.Read(ctx, tx, m.p.Tenant, []string{r.ID})
	if err != nil {
		return err
	}
	id := *r.Values[n.Field]
	if len(there) == 1 && there[0].Values[n.Field] != nil && *there[0].Values[n.Field] == id {
		return nil
	}
	return replacedBy(n.Type, id, by, "name that one")
}
