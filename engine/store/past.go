package store

import (
	"context"
	"math"

	"github.com/ficushealth/ficus/engine/access"
	"github.com/ficushealth/ficus/engine/db"
	"github.com/ficushealth/ficus/fhir"
)

// VersionKey names one version of a resource.
type VersionKey struct {
	Key
	Number int64
}

// pastSQL goes from the name to the rid and from there to the version, in this order: OFFSET 0 keeps PostgreSQL, as long as it
// knows little of the tables, from going through all versions of the tenant for each name.
var pastSQL = db.Text{
	SQLite: `SELECT $5, rid, version, updated, method, deleted, body FROM resource
			WHERE tenant = $1 AND type = $2 AND id = $3 AND version = $4
		UNION ALL SELECT $5, h.rid, h.version, h.updated, h.method, h.deleted, h.body
			FROM resource r JOIN resource_history h ON h.tenant = r.tenant AND h.rid = r.rid
			WHERE r.tenant = $1 AND r.type = $2 AND r.id = $3 AND h.version = $4`,
	Postgres: `WITH q AS (SELECT n - 1 AS n, tenant, type, id, version
			FROM unnest($1::int4[], $2::int2[], $3::text[], $4::int4[]) WITH ORDINALITY AS q(tenant, type, id, version, n))
		SELECT q.n, r.rid, r.version, r.updated, r.method, r.deleted, r.body
			FROM q JOIN resource r ON r.tenant = q.tenant AND r.type = q.type AND r.id = q.id AND r.version = q.version
		UNION ALL SELECT q.n, h.rid, h.version, h.updated, h.method, h.deleted, h.body
			FROM q CROSS JOIN LATERAL (SELECT tenant, rid FROM resource
					WHERE tenant = q.tenant AND type = q.type AND id = q.id OFFSET 0) r
				CROSS JOIN LATERAL (SELECT rid, version, updated, method, deleted, body FROM resource_history
					WHERE tenant = r.tenant AND rid = r.rid AND version = q.version OFFSET 0) h`,
}

// FetchVersions returns these versions, current or past, as far as they exist, in any order. Like Fetch, it is for
// Ficus's own work.
func (s *Store) FetchVersions(ctx context.Context, tenant int32, names []VersionKey) (found []Version, err error) {
	var k keys
	versions := make([]int32, len(names))
	for i, n := range names {
		index, known := typeIndex(n.Type)
		if !known {
			return nil, unknownType(n.Type)
		}
		k.add(identity{tenant, index, n.ID})
		versions[i] = int32(n.Number)
	}
	keys, err := s.keys(ctx, tenant)
	if err != nil {
		return nil, err
	}
	err = s.db.EachQuery(ctx, pastSQL, func(r db.Row) error {
		n := names[r.Int64(0)]
		v := Version{Type: n.Type, ID: n.ID}
		err := keys.scan(&v, r, 1)
		found = append(found, v)
		return err
	}, k.tenant, k.index, k.id, versions)
	return found, err
}

// Past says which versions the history holds of a resource besides the current one.
type Past struct{ Count, First, Last int64 }

var pastsSQL = db.Text{
	SQLite: `SELECT $3, count(*), coalesce(min(version), 0), coalesce(max(version), 0) FROM resource_history WHERE tenant = $1 AND rid = $2`,
	Postgres: `SELECT q.n - 1, h.count, h.first, h.last FROM unnest($1::int4[], $2::int8[]) WITH ORDINALITY AS q(tenant, rid, n)
		CROSS JOIN LATERAL (SELECT count(*) AS count, coalesce(min(version), 0)::int8 AS first, coalesce(max(version), 0)::int8 AS last
			FROM resource_history h WHERE h.tenant = q.tenant AND h.rid = q.rid) h`,
}

// Pasts says for each number what the history holds of the resource, in the order of numbers.
func (s *Store) Pasts(ctx context.Context, tenant int32, rids []int64) ([]Past, error) {
	tenants, pasts := make([]int32, len(rids)), make([]Past, len(rids))
	for i := range tenants {
		tenants[i] = tenant
	}
	err := s.db.EachQuery(ctx, pastsSQL, func(r db.Row) error {
		pasts[r.Int64(0)] = Past{Count: r.Int64(1), First: r.Int64(2), Last: r.Int64(3)}
		return nil
	}, tenants, rids)
	return pasts, err
}

// Check reports, without asking the database, whether a write of the resource would be refused: for its type, for what
// the principal may do, or for the rules of FHIR. Faults: as Update.
func (d *Desk) Check(r fhir.Resource) error {
	if _, known := typeIndex(r.Type()); !known {
		return unknownType(r.Type())
	}
	if err := d.p.Check(access.Update, r.Type()); err != nil { // which of them, Update says
		return err
	}
	return d.s.validate(context.Background(), d.p.Tenant, r)
}

var listSQL = db.Same(`SELECT rid, version, updated, method, deleted, NULL, id, type FROM resource
	WHERE tenant = $1 AND version > 0 AND rid > $2 ORDER BY rid LIMIT $3`)

// List is Scan without the bodies.
func (s *Store) List(ctx context.Context, tenant int32, after int64, limit int) (found []Version, err error) {
	keys, err := s.keys(ctx, tenant)
	if err != nil {
		return nil, err
	}
	err = s.db.Query(ctx, listSQL, []any{tenant, after, limit}, func(r db.Row) error {
		v := Version{ID: r.Text(6), Type: typeName(r.Int32(7))}
		err := keys.scan(&v, r, 0)
		found = append(found, v)
		return err
	})
	return found, err
}

var historySQL = db.Same(`SELECT h.rid, h.version, h.updated, h.method, h.deleted, h.body, coalesce(r.id, ''), h.type
	FROM resource_history h LEFT JOIN resource r ON r.tenant = h.tenant AND r.rid = h.rid
	WHERE h.tenant = $1 AND (h.rid > $2 OR h.rid = $2 AND h.version > $3) ORDER BY h.rid, h.version LIMIT $4`)

// CheckHistory opens every past version of the tenant and returns those that cannot be opened or are no resource. What a
// past version names is taken out of named, whose keys are Type/id.
func (s *Store) CheckHistory(ctx context.Context, tenant int32, named map[string]int64) (damaged []VersionKey, err error) {
	keys, err := s.keys(ctx, tenant)
	if err != nil {
		return nil, err
	}
	for last := (Version{RID: math.MinInt64}); ; {
		page, err := sealedPage(ctx, s.db, historySQL, tenant, last.RID, last.Number, checkBatch)
		if err != nil || len(page) == 0 {
			return damaged, err
		}
		last = page[len(page)-1].Version
		for i, refs := range s.openAll(keys, page) {
			if refs == nil {
				damaged = append(damaged, VersionKey{Key{page[i].Type, page[i].ID}, page[i].Number})
			}
			for _, r := range refs {
				delete(named, r.Type+"/"+r.ID)
			}
		}
	}
}

// sealedVersion is a version whose body is not open yet.
type sealedVersion struct {
	Version
	sealed []byte
}

// sealedPage reads rows of scanSQL or historySQL.
func sealedPage(ctx context.Context, from asker, stmt db.Text, args ...any) (page []sealedVersion, err error) {
	err = from.Query(ctx, stmt, args, func(r db.Row) error {
		v := sealedVersion{Version{ID: r.Text(6), Type: typeName(r.Int32(7))}, r.Bytes(5)}
		v.columns(r, 0)
		page = append(page, v)
		return nil
	})
	return page, err
}

// openAll gives for each version what it names; nil if it cannot be opened. A tombstone names nothing.
func (s *Store) openAll(keys *tenantKeys, page []sealedVersion) [][]ref {
	all, todo := make([][]ref, len(page)), make([]func(), len(page))
	for i, v := range page {
		todo[i] = func() { all[i] = s.namesOf(keys, v) }
	}
	run(todo)
	return all
}

func (s *Store) namesOf(keys *tenantKeys, v sealedVersion) []ref {
	if v.Deleted && v.sealed == nil {
		return []ref{}
	}
	plain, err := keys.open(v.RID, v.Number, v.sealed)
	if err != nil {
		return nil
	}
	r, err := stored(plain)
	if err != nil {
		return nil
	}
	return append([]ref{}, refsOf(r, s.base)...)
}
