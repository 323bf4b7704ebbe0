package ledger

import (
	"context"
	"slices"

	"github.com/ficushealth/ficus/engine/db"
)

// Finding is something odd in the data that was taken anyway.
type Finding struct{ Map, What int32 } // numbers of the map and of "place: code"

var addFindings = db.Text{
	SQLite: `INSERT INTO strangler_finding (tenant, run, map, what, count) VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT (tenant, run, map, what) DO UPDATE SET count = strangler_finding.count + excluded.count`,
	Postgres: `INSERT INTO strangler_finding (tenant, run, map, what, count)
		SELECT * FROM unnest($1::int4[], $2::int8[], $3::int4[], $4::int4[], $5::int8[])
		ON CONFLICT (tenant, run, map, what) DO UPDATE SET count = strangler_finding.count + excluded.count`,
}

// AddFindings adds to the counts of a run.
func AddFindings(ctx context.Context, tx db.Tx, tenant int32, run int64, counts map[Finding]int64) error {
	var tenants, maps, whats []int32
	var runs, n []int64
	for _, f := range sorted(counts) {
		tenants, runs = append(tenants, tenant), append(runs, run)
		maps, whats, n = append(maps, f.Map), append(whats, f.What), append(n, counts[f])
	}
	return tx.Each(ctx, addFindings, tenants, runs, maps, whats, n)
}

func sorted(counts map[Finding]int64) (all []Finding) {
	for f := range counts {
		all = append(all, f)
	}
	slices.SortFunc(all, func(a, b Finding) int {
		if a.Map != b.Map {
			return int(a.Map - b.Map)
		}
		return int(a.What - b.What)
	})
	return all
}

// Findings are the counts of a run.
func Findings(ctx context.Context, d *db.DB, tenant int32, run int64) (map[Finding]int64, error) {
	counts := map[Finding]int64{}
	stmt := db.Same(`SELECT map, what, count FROM strangler_finding WHERE tenant = $1 AND run = $2`)
	err := d.Query(ctx, stmt, []any{tenant, run}, func(r db.Row) error {
		counts[Finding{r.Int32(0), r.Int32(1)}] = r.Int64(2)
		return nil
	})
	return counts, err
}
