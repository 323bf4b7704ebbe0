package ledger

import (
	"context"

	"github.com/ficushealth/ficus/engine/db"
	"github.com/ficushealth/ficus/strangler/crosswalk"
)

// Count says what became of the rows of a table.
type Count struct {
	Mapped, Filtered, Quarantined int64
	Owned                         int64           // of these, children that have a root
	Gone                          int64           // rows that the source does not hold any more; no part of the others
	Reasons                       map[int32]int64 // number of a reason -> rows
}

// Sum is how many rows of the source stand in the ledger.
func (c Count) Sum() int64 { return c.Mapped + c.Filtered + c.Quarantined }

// CountRows counts the entries of every table of a tenant. It reads all of them.
func CountRows(ctx context.Context, d *db.DB, tenant int32) (map[int32]Count, error) {
	stmt := db.Same(`SELECT tbl, state, reason, gone IS NOT NULL, root IS NOT NULL, count(*) FROM strangler_row WHERE tenant = $1 GROUP BY 1, 2, 3, 4, 5`)
	counts := map[int32]Count{}
	err := d.Query(ctx, stmt, []any{tenant}, func(r db.Row) error {
		c := counts[r.Int32(0)]
		c.add(State(r.Int32(1)), r.Int32(2), r.Bool(3), r.Bool(4), r.Int64(5))
		counts[r.Int32(0)] = c
		return nil
	})
	return counts, err
}

func (c *Count) add(s State, reason int32, gone, owned bool, n int64) {
	if gone {
		c.Gone += n
		return
	}
	if owned {
		c.Owned += n
	}
	switch s {
	case Mapped:
		c.Mapped += n
	case Filtered:
		c.Filtered += n
	case Quarantined:
		c.Quarantined += n
	}
	if reason == 0 {
		return
	}
	if c.Reasons == nil {
		c.Reasons = map[int32]int64{}
	}
	c.Reasons[reason] += n
}

// CountStanding counts the targets of rows that the source does not hold any more which are not deleted. It reads all rows.
func CountStanding(ctx context.Context, d *db.DB, tenant int32) (n int64, err error) {
	stmt := db.Same(`SELECT count(*) FROM strangler_row r JOIN strangler_link l ON l.tenant = r.tenant AND l.tbl = r.tbl AND l.key = r.key
		WHERE r.tenant = $1 AND r.gone IS NOT NULL AND l.state <> $2`)
	err = d.Query(ctx, stmt, []any{tenant, int32(crosswalk.Deleted)}, func(r db.Row) error {
		n = r.Int64(0)
		return nil
	})
	return n, err
}

// CountFiltered counts the rows of a table that were filtered, by the number of the reason.
func CountFiltered(ctx context.Context, d *db.DB, tenant, table int32) (map[int32]int64, error) {
	stmt := db.Same(`SELECT reason, count(*) FROM strangler_row WHERE tenant = $1 AND tbl = $2 AND state = 2 AND gone IS NULL GROUP BY reason`)
	counts := map[int32]int64{}
	err := d.Query(ctx, stmt, []any{tenant, table}, func(r db.Row) error {
		counts[r.Int32(0)] = r.Int64(1)
		return nil
	})
	return counts, err
}
