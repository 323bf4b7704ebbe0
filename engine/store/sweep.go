package store

import (
	"context"
	"errors"
	"math"

	"github.com/ficushealth/ficus/engine/db"
	"github.com/ficushealth/ficus/engine/jobs"
	"github.com/ficushealth/ficus/fhir/index"
	"github.com/ficushealth/ficus/fhir/r4"
)

// A value or unit that nothing has any more costs searches a little, and may be something that was deleted to be gone; so does a
// label, of $meta. Once a day those are removed. Writers remember which are listed, and say nothing of them again; so whoever removes
// one has the tenant to itself and raises the edition by which they remember.

var wholeTenants = db.Same(`SELECT tenant FROM index_form WHERE edition = $1 ORDER BY tenant`)

// sweep removes the unused values, labels and units of all tenants. Rows of another form do not tell of every value that something
// has it.
func (s *Store) sweep(ctx context.Context, _ *jobs.Job) error {
	if _, err := mayClaim(ctx, s.db); err != nil {
		return err
	}
	var tenants []int32
	err := s.db.Query(ctx, wholeTenants, []any{index.Edition}, func(r db.Row) error {
		tenants = append(tenants, r.Int32(0))
		return nil
	})
	for _, t := range tenants {
		_, failed := s.sweepTenant(ctx, t)
		err = errors.Join(err, failed)
	}
	return err
}

// sweepTenant removes what nothing in the tenant has, and tells how much it was. Labels that nobody has asked for since the list began
// are listed on the way, so that nobody who asks has to wait for it.
func (s *Store) sweepTenant(ctx context.Context, tenant int32) (removed int64, err error) {
	keys, err := s.keys(ctx, tenant)
	if err != nil {
		return 0, err
	}
	if err := s.listOld(ctx, tenant, allTypes()); err != nil {
		return 0, err
	}
	values, err := s.sweepValues(ctx, keys)
	if err != nil {
		return values, err
	}
	labels, err := s.sweepLabels(ctx, keys)
	if err != nil {
		return values + labels, err
	}
	units, err := s.sweepUnits(ctx, tenant)
	return values + labels + units, err
}

func allTypes() (out []int16) {
	for i := range r4.Resources() {
		out = append(out, int16(i))
	}
	return out
}

var valuesSQL = db.Same(`SELECT hash, value, key FROM ix_value WHERE tenant = $1 AND (hash, value, key) > ($2, $3, $4)
	ORDER BY hash, value, key LIMIT 1000`)

func (s *Store) sweepValues(ctx context.Context, k *tenantKeys) (removed int64, err error) {
	last := index.Value{List: math.MinInt64}
	for {
		var page []index.Value
		err := s.db.Query(ctx, valuesSQL, []any{k.tenant, last.List, last.Text, last.Key}, func(r db.Row) error {
			page = append(page, index.Value{List: r.Int64(0), Text: r.Text(1), Key: r.Int64(2)})
			return nil
		})
		if err != nil || len(page) == 0 {
			return removed, err
		}
		last = page[len(page)-1]
		n, err := sweepPage(ctx, s, k, page, k.unused, dropValues)
		if removed += n; err != nil {
			return removed, err
		}
	}
}

func (s *Store) sweepLabels(ctx context.Context, k *tenantKeys) (removed int64, err error) {
	for last := beforeLabels(0); ; {
		page, err := labelsBehind(ctx, s.db, k.tenant, last, math.MaxInt16)
		if err != nil || len(page) == 0 {
			return removed, err
		}
		last = page[len(page)-1]
		n, err := sweepPage(ctx, s, k, page, k.unusedLabels, dropLabels)
		if removed += n; err != nil {
			return removed, err
		}
	}
}

// sweepPage looks twice: where nothing is to be removed nobody has to wait.
func sweepPage[T any](ctx context.Context, s *Store, k *tenantKeys, page []T, unused func(context.Context, asker, []T) ([]T, error),
	drop func(context.Context, db.Tx, int32, []T) error) (n int64, err error) {
	page, err = unused(ctx, s.db, page)
	if err != nil || len(page) == 0 {
		return 0, err
	}
	err = s.db.Write(ctx, func(tx db.Tx) error {
		if err := tenantAlone(ctx, tx, k.tenant); err != nil {
			return err
		}
		page, err := unused(ctx, tx, page)
		if n = int64(len(page)); err != nil || n == 0 {
			return err
		}
		if err := tx.Query(ctx, nextEdition, []any{k.tenant}, func(db.Row) error { return nil }); err != nil {
			return err
		}
		return drop(ctx, tx, k.tenant, page)
	})
	s.book.forget(k.tenant)
	return n, err
}

func dropValues(ctx context.Context, tx db.Tx, tenant int32, list []index.Value) error {
	var c sharedColumns
	c.add(tenant, 0, list)
	return tx.Each(ctx, dropValue, c.tenant, c.list, c.key, c.text)
}

func dropLabels(ctx context.Context, tx db.Tx, tenant int32, list []listedLabel) error {
	types, hashes := make([]int32, len(list)), make([]int64, len(list))
	for i, l := range list {
		types[i], hashes[i] = int32(l.typ), l.hash
	}
	return tx.Each(ctx, dropLabel, repeat(tenant, len(list)), types, hashes)
}

var (
	dropValue = db.Text{
		SQLite: `DELETE FROM ix_value WHERE tenant = $1 AND hash = $2 AND key = $3 AND value = $4`,
		Postgres: `DELETE FROM ix_value x USING unnest($1::int4[], $2::int8[], $3::int8[], $4::text[]) AS q(tenant, hash, key, value)
			WHERE x.tenant = q.tenant AND x.hash = q.hash AND x.key = q.key AND x.value = q.value`,
	}
	dropLabel = db.Text{
		SQLite: `DELETE FROM ix_label WHERE tenant = $1 AND type = $2 AND hash = $3`,
		Postgres: `DELETE FROM ix_label x USING unnest($1::int4[], $2::int2[], $3::int8[]) AS q(tenant, type, hash)
			WHERE x.tenant = q.tenant AND x.type = q.type AND x.hash = q.hash`,
	}
	unusedSQL = db.Text{
		SQLite: `SELECT $4, 1 WHERE NOT EXISTS (SELECT 1 FROM ix_token x WHERE x.tenant = $1 AND x.hash = $2)
			AND NOT EXISTS (SELECT 1 FROM ix_token x WHERE x.tenant = $1 AND x.hash = $3)`,
		Postgres: `SELECT q.n - 1, 1 FROM unnest($1::int4[], $2::int8[], $3::int8[]) WITH ORDINALITY AS q(tenant, key, within, n)
			WHERE NOT EXISTS (SELECT 1 FROM ix_token x WHERE x.tenant = q.tenant AND x.hash = q.key AND (x.hash >> 32)::int4 = (q.key >> 32)::int4)
			AND NOT EXISTS (SELECT 1 FROM ix_token x WHERE x.tenant = q.tenant AND x.hash = q.within AND (x.hash >> 32)::int4 = (q.within >> 32)::int4)`,
	}
)

// unused are those of some values that no resource has, nor anything that one contains.
func (k *tenantKeys) unused(ctx context.Context, from asker, list []index.Value) (out []index.Value, err error) {
	keys, within := make([]int64, len(list)), make([]int64, len(list))
	for i, v := range list {
		keys[i], within[i] = v.Key, k.within(v.Key)
	}
	err = from.EachQuery(ctx, unusedSQL, func(r db.Row) error {
		out = append(out, list[r.Int64(0)])
		return nil
	}, repeat(k.tenant, len(list)), keys, within)
	return out, err
}

// unusedLabels are those of some labels that no resource has.
func (k *tenantKeys) unusedLabels(ctx context.Context, from asker, list []listedLabel) (out []listedLabel, err error) {
	used, err := k.inUse(ctx, from, list)
	for i, l := range list {
		if !used[i] {
			out = append(out, l)
		}
	}
	return out, err
}
