package store

import (
	"context"
	"strconv"

	"github.com/ficushealth/ficus/engine/db"
	"github.com/ficushealth/ficus/fhir/r4"
)

// What follows is for Ficus's own work (proof, exports, jobs): it is not audited
// and not bound to a caller, so nothing of it may reach one without a Desk.

var scanSQL = db.Same(`SELECT rid, version, updated, method, deleted, body, id, type FROM resource
	WHERE tenant = $1 AND version > 0 AND rid > $2 ORDER BY rid LIMIT $3`)

// typeName is the name of a stored type; of a number that no type has, one that is no type's.
func typeName(i int32) string {
	if all := r4.Resources(); i >= 0 && int(i) < len(all) {
		return all[i]
	}
	return "#" + strconv.Itoa(int(i))
}

// Scan returns current versions in the order of their numbers, tombstones
// included, from the first number behind after on; fewer than limit: that was all.
// types nil is all types; what is left out of others still counts towards limit,
// so go on from the last number that Scan returned as next.
func (s *Store) Scan(ctx context.Context, tenant int32, types []string, after int64, limit int) (found []Version, next int64, err error) {
	want := map[string]bool{}
	for _, t := range types {
		want[t] = true
	}
	next = after
	keys, err := s.keys(ctx, tenant)
	if err != nil {
		return nil, next, err
	}
	err = s.db.Query(ctx, scanSQL, []any{tenant, after, limit}, func(r db.Row) error {
		v := Version{ID: r.Text(6), Type: typeName(r.Int32(7))}
		next = r.Int64(0)
		if len(want) > 0 && !want[v.Type] {
			return nil
		}
		err := keys.scan(&v, r, 0)
		found = append(found, v)
		return err
	})
	return found, next, err
}

// Key names a resource.
type Key struct{ Type, ID string }

// Fetch returns the current versions of these resources that exist, tombstones included, in the order of keys.
func (s *Store) Fetch(ctx context.Context, tenant int32, names []Key) ([]Version, error) {
	var k keys
	for _, n := range names {
		i, known := typeIndex(n.Type)
		if !known {
			return nil, unknownType(n.Type)
		}
		k.add(identity{tenant, i, n.ID})
	}
	found := make([]Version, len(names))
	keys, err := s.keys(ctx, tenant)
	if err != nil {
		return nil, err
	}
	err = s.db.EachQuery(ctx, currentSQL, func(r db.Row) error {
		n := names[r.Int64(0)]
		v := &found[r.Int64(0)]
		*v = Version{Type: n.Type, ID: n.ID}
		return keys.scan(v, r, 1)
	}, k.tenant, k.index, k.id)
	out := found[:0]
	for _, v := range found {
		if v.Number > 0 {
			out = append(out, v)
		}
	}
	return out, err
}

var openSQL = db.Same(`SELECT COUNT(*) FROM resource WHERE tenant = $1 AND version = 0`)

// OpenPlaceholders counts the targets that references name but that have not come.
func (s *Store) OpenPlaceholders(ctx context.Context, tenant int32) (n int64, err error) {
	err = s.db.Query(ctx, openSQL, []any{tenant}, func(r db.Row) error {
		n = r.Int64(0)
		return nil
	})
	return n, err
}
