package store

import (
	"context"
	"math"

	"github.com/ficushealth/ficus/engine/db"
)

// listedLabel is a row of table ix_label.
type listedLabel struct {
	typ  int16
	hash int64
	Label
}

func (l Label) size() int { return len(l.Element) + len(l.System) + len(l.Code) }

const (
	labelPage      = 1000
	labelPageBytes = 1 << 20 // a page with more ends early
)

var labelPageSQL = db.Same(`SELECT type, hash, element, system, code FROM ix_label WHERE tenant = $1 AND (type, hash) > ($2, $3) AND type <= $4
	ORDER BY type, hash LIMIT $5`)

// labelsBehind is a page of what is listed, by type and hash, up to a type; empty: there are no more.
func labelsBehind(ctx context.Context, from asker, tenant int32, after listedLabel, upTo int16) (page []listedLabel, err error) {
	size := 0
	err = from.Query(ctx, labelPageSQL, []any{tenant, after.typ, after.hash, upTo, labelPage}, func(r db.Row) error {
		if size < labelPageBytes {
			x := listedLabel{int16(r.Int32(0)), r.Int64(1), Label{r.Text(2), r.Text(3), r.Text(4)}}
			page, size = append(page, x), size+x.size()
		}
		return nil
	})
	return page, err
}

// beforeLabels is where a walk of the list begins that is of no smaller type.
func beforeLabels(typ int16) listedLabel { return listedLabel{typ: typ, hash: math.MinInt64} }

// havingSQL has a scalar subquery, which is never turned into a join: one probe of the index for each label.
var havingSQL = db.Text{
	SQLite: `SELECT $4, 1 WHERE EXISTS (SELECT 1 FROM ix_token x WHERE x.tenant = $1 AND x.hash = $2 AND x.system = $3)`,
	Postgres: `SELECT q.n - 1, 1 FROM unnest($1::int4[], $2::int8[], $3::int4[]) WITH ORDINALITY AS q(tenant, hash, system, n)
		WHERE (SELECT 1 FROM ix_token x WHERE x.tenant = q.tenant AND x.hash = q.hash AND (x.hash >> 32)::int4 = (q.hash >> 32)::int4
			AND x.system = q.system LIMIT 1) IS NOT NULL`,
}

// inUse tells, one by one, which of the labels current resources have.
func (k *tenantKeys) inUse(ctx context.Context, from asker, page []listedLabel) ([]bool, error) {
	hashes, systems, used := make([]int64, len(page)), make([]int32, len(page)), make([]bool, len(page))
	for i, l := range page {
		row := l.token(k.hasher, typeName(int32(l.typ)))
		hashes[i], systems[i] = row.Hash, row.System
	}
	return used, from.EachQuery(ctx, havingSQL, func(r db.Row) error {
		used[r.Int64(0)] = true
		return nil
	}, repeat(k.tenant, len(page)), hashes, systems)
}
