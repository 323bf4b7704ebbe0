package store

import (
	"bytes"
	"context"
	"encoding/binary"
	"maps"
	"slices"

	"github.com/zeebo/blake3"

	"github.com/ficushealth/ficus/engine/audit"
	"github.com/ficushealth/ficus/engine/db"
	"github.com/ficushealth/ficus/fault"
)

// Kept is a record with what the store knows of it.
type Kept struct {
	Record
	Version int64 // 1 for the first write, one more for each that followed
	Gone    bool  // the last one deleted it: there are no values
}

// stamp is a row of record_stamp.
type stamp struct {
	version int64
	gone    bool
	sum     []byte
}

// noted is an audit entry's thing of a record.
type noted struct {
	action string
	thing  audit.Thing
}

// sumOf is the keyed hash that makes a stamp: of the record's kind, id and version, and of the names and texts of its
// values; one that is NULL counts as not given.
func (k *tenantKeys) sumOf(name string, r Kept) []byte {
	b := appendPart(appendPart(nil, name), r.ID)
	b = binary.AppendUvarint(b, uint64(r.Version))
	if r.Gone {
		b = append(b, 1)
	}
	for _, field := range slices.Sorted(maps.Keys(r.Values)) {
		if v := r.Values[field]; v != nil {
			b = appendPart(appendPart(b, field), *v)
		}
	}
	h, err := blake3.NewKeyed(k.stamps[:])
	if err != nil {
		panic(err) // only for a key that is not 32 bytes long
	}
	h.Write(b) //nolint:errcheck // a hash never fails
	return h.Sum(nil)[:16]
}

func appendPart(b []byte, s string) []byte {
	return append(binary.AppendUvarint(b, uint64(len(s))), s...)
}

var stampSQL = struct{ read, hold, insert, update, all db.Text }{
	read: db.Text{
		SQLite: `SELECT $4, version, gone, stamp FROM record_stamp WHERE tenant = $1 AND record = $2 AND id = $3`,
		Postgres: `SELECT q.n - 1, s.version, s.gone, s.stamp FROM unnest($1::int4[], $2::text[], $3::text[]) WITH ORDINALITY AS q(tenant, record, id, n)
			JOIN record_stamp s ON s.tenant = q.tenant AND s.record = q.record AND s.id = q.id`,
	},
	hold: db.Text{
		SQLite: `SELECT $4, version, gone, stamp FROM record_stamp WHERE tenant = $1 AND record = $2 AND id = $3`,
		Postgres: `SELECT q.n - 1, s.version, s.gone, s.stamp FROM unnest($1::int4[], $2::text[], $3::text[]) WITH ORDINALITY AS q(tenant, record, id, n)
			JOIN record_stamp s ON s.tenant = q.tenant AND s.record = q.record AND s.id = q.id ORDER BY q.n FOR UPDATE OF s`,
	},
	insert: db.Text{
		SQLite: `INSERT INTO record_stamp (tenant, record, id, version, gone, stamp) VALUES ($1, $2, $3, $4, $5, $6)`,
		Postgres: `INSERT INTO record_stamp (tenant, record, id, version, gone, stamp)
			SELECT * FROM unnest($1::int4[], $2::text[], $3::text[], $4::int8[], $5::bool[], $6::bytea[])`,
	},
	update: db.Text{
		SQLite: `UPDATE record_stamp SET version = $4, gone = $5, stamp = $6 WHERE tenant = $1 AND record = $2 AND id = $3`,
		Postgres: `UPDATE record_stamp s SET version = q.version, gone = q.gone, stamp = q.stamp
			FROM unnest($1::int4[], $2::text[], $3::text[], $4::int8[], $5::bool[], $6::bytea[]) AS q(tenant, record, id, version, gone, stamp)
			WHERE s.tenant = q.tenant AND s.record = q.record AND s.id = q.id`,
	},
	all: db.Same(`SELECT record, id, version FROM record_stamp WHERE tenant = $1`),
}

// stampColumns are the columns of a statement over stamps.
type stampColumns struct {
	tenant   []int32
	name, id []string
	version  []int64
	gone     []bool
	sum      [][]byte
}

func (c *stampColumns) add(tenant int32, name string, r Kept, sum []byte) {
	c.tenant, c.name, c.id = append(c.tenant, tenant), append(c.name, name), append(c.id, r.ID)
	c.version, c.gone, c.sum = append(c.version, r.Version), append(c.gone, r.Gone), append(c.sum, sum)
}

func (c *stampColumns) write(ctx context.Context, tx db.Tx, stmt db.Text) error {
	return tx.Each(ctx, stmt, c.tenant, c.name, c.id, c.version, c.gone, c.sum)
}

func stampsOf(ctx context.Context, tx db.Tx, stmt db.Text, tenant int32, name string, ids []string) (map[string]stamp, error) {
	tenants, names, found := make([]int32, len(ids)), make([]string, len(ids)), make(map[string]stamp, len(ids))
	for i := range ids {
		tenants[i], names[i] = tenant, name
	}
	err := tx.EachQuery(ctx, stmt, func(r db.Row) error {
		found[ids[r.Int64(0)]] = stamp{r.Int64(1), r.Bool(2), r.Bytes(3)}
		return nil
	}, tenants, names, ids)
	return found, err
}

// putRecords writes records and their stamps. Of several with one id, the last counts.
func (m *member) putRecords(ctx context.Context, tx db.Tx, sink RecordSink, records []Record) error {
	if err := m.nameable(ctx, tx, sink, records); err != nil {
		return err
	}
	byID := make(map[string]Kept, len(records))
	for _, r := range records {
		byID[r.ID] = Kept{Record: r}
	}
	if err := m.stamp(ctx, tx, sink, byID); err != nil {
		return err
	}
	return sink.Apply(ctx, tx, m.p.Tenant, records)
}

// dropRecords deletes the records of these ids that are there.
func (m *member) dropRecords(ctx context.Context, tx db.Tx, sink RecordSink, ids []string) error {
	there, err := sink.Hold(ctx, tx, m.p.Tenant, ids)
	if err != nil {
		return err
	}
	byID := make(map[string]Kept, len(there))
	for _, r := range there {
		byID[r.ID] = Kept{Record: Record{ID: r.ID}, Gone: true}
	}
	if err := m.stamp(ctx, tx, sink, byID); err != nil {
		return err
	}
	return sink.Delete(ctx, tx, m.p.Tenant, slices.Sorted(maps.Keys(byID)))
}

// stamp numbers and stamps what is about to be written, and notes it for the audit record. Two that write one record wait
// for each other; of two that make it first, one is tried again.
func (m *member) stamp(ctx context.Context, tx db.Tx, sink RecordSink, records map[string]Kept) error {
	ids := slices.Sorted(maps.Keys(records))
	was, err := stampsOf(ctx, tx, stampSQL.hold, m.p.Tenant, sink.Name(), ids)
	if err != nil {
		return err
	}
	var fresh, next stampColumns
	for _, id := range ids {
		r, old := records[id], was[id]
		r.Version = old.version + 1
		to := &next
		if old.version == 0 {
			to = &fresh
		}
		to.add(m.p.Tenant, sink.Name(), r, m.keys.sumOf(sink.Name(), r))
		m.note(sink.Name(), r, old)
	}
	if err := next.write(ctx, tx, stampSQL.update); err != nil {
		return err
	}
	return fresh.write(ctx, tx, stampSQL.insert)
}

func (m *member) note(name string, r Kept, old stamp) {
	action := "update"
	switch {
	case r.Gone:
		action = "delete"
	case old.version == 0 || old.gone:
		action = "create"
	}
	m.noted = append(m.noted, noted{action, audit.Thing{Type: name, ID: r.ID, Version: int(r.Version)}})
}

// Records returns the records of these ids that are there or were, in any order. fault.Internal if one was not written
// through the store as it is: it was changed, made or removed behind its back.
func (s *Store) Records(ctx context.Context, tx db.Tx, tenant int32, sink RecordSink, ids []string) ([]Kept, error) {
	keys, err := s.keys(ctx, tenant)
	if err != nil {
		return nil, err
	}
	there, err := sink.Read(ctx, tx, tenant, ids)
	if err != nil {
		return nil, err
	}
	stamps, err := stampsOf(ctx, tx, stampSQL.read, tenant, sink.Name(), ids)
	if err != nil {
		return nil, err
	}
	kept := keptOf(there, stamps)
	return kept, keys.genuine(sink.Name(), kept, stamps)
}

// keptOf joins records with their stamps. A record that is not there must have been deleted.
func keptOf(there []Record, stamps map[string]stamp) []Kept {
	kept, seen := make([]Kept, 0, len(stamps)), make(map[string]bool, len(there))
	for _, r := range there {
		kept, seen[r.ID] = append(kept, Kept{r, stamps[r.ID].version, stamps[r.ID].gone}), true
	}
	for id, st := range stamps {
		if !seen[id] {
			kept = append(kept, Kept{Record{ID: id}, st.version, true})
		}
	}
	return kept
}

// genuine compares the stamps of records with what they are.
func (k *tenantKeys) genuine(name string, kept []Kept, stamps map[string]stamp) error {
	for _, r := range kept {
		if st := stamps[r.ID]; st.gone != r.Gone || !bytes.Equal(st.sum, k.sumOf(name, r)) {
			return fault.New(fault.Internal, "%s is not as it was written: it was changed behind the back of the store", fault.A(name))
		}
	}
	return nil
}

// Stamps calls fn, inside a transaction, for every record of the tenant that was ever written, of any kind, in any order.
func (s *Store) Stamps(ctx context.Context, tx db.Tx, tenant int32, fn func(name, id string, version int64) error) error {
	return tx.Query(ctx, stampSQL.all, []any{tenant}, func(r db.Row) error { return fn(r.Text(0), r.Text(1), r.Int64(2)) })
}

var stampIDs = db.Same(`SELECT id FROM record_stamp WHERE tenant = $1 AND record = $2 AND id > $3 ORDER BY id LIMIT $4`)

// StampedIDs returns the ids behind after under which records of that kind were ever written, at most limit, in order.
func (s *Store) StampedIDs(ctx context.Context, tx db.Tx, tenant int32, name, after string, limit int) (ids []string, err error) {
	err = tx.Query(ctx, stampIDs, []any{tenant, name, after, limit}, func(r db.Row) error {
		ids = append(ids, r.Text(0))
		return nil
	})
	return ids, err
}
