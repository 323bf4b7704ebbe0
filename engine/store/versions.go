package store

import (
	"context"

	"github.com/ficushealth/ficus/engine/db"
)

// Stored is a row of the store without its body.
type Stored struct {
	Version
	Current bool // of the table of current versions; else of the history
	Empty   bool // it holds neither a body nor search parameters
}

// Placeholder reports whether the row is as one must be that only keeps a number for a reference's target.
func (r *Stored) Placeholder() bool {
	return r.Current && r.Number == 0 && r.Empty && r.Deleted && r.Method == 0 && r.Updated.UnixMicro() == 0
}

var versionsSQL = []db.Text{
	db.Same(`SELECT rid, version, updated, method, deleted, NULL, id, type, body IS NULL AND present = '' FROM resource WHERE tenant = $1`),
	db.Same(`SELECT h.rid, h.version, h.updated, h.method, h.deleted, NULL, coalesce(r.id, ''), h.type, h.body IS NULL
		FROM resource_history h LEFT JOIN resource r ON r.tenant = h.tenant AND r.rid = h.rid WHERE h.tenant = $1`),
}

// Rows calls fn, inside a transaction, for every row of the tenant in any order: current versions, past ones, and the
// rows that hold no version. A past one whose resource is not there has no id. Like Scan, it is for Ficus's own work.
func (s *Store) Rows(ctx context.Context, tx db.Tx, tenant int32, fn func(*Stored) error) error {
	for i, stmt := range versionsSQL {
		var v Stored
		err := tx.Query(ctx, stmt, []any{tenant}, func(r db.Row) error {
			v = Stored{Version: Version{ID: r.Text(6), Type: typeName(r.Int32(7))}, Current: i == 0, Empty: r.Bool(8)}
			v.columns(r, 0)
			return fn(&v)
		})
		if err != nil {
			return err
		}
	}
	return nil
}

var namedSQL = db.Text{
	SQLite: `SELECT $3, 1 WHERE EXISTS (SELECT 1 FROM ix_ref WHERE tenant = $1 AND target = $2)`,
	Postgres: `SELECT q.n - 1, 1 FROM unnest($1::int4[], $2::int8[]) WITH ORDINALITY AS q(tenant, target, n)
		WHERE EXISTS (SELECT 1 FROM ix_ref x WHERE x.tenant = q.tenant AND x.target = q.target)`,
}

// Named says of each number whether the index has a reference that points at it.
func (s *Store) Named(ctx context.Context, tx db.Tx, tenant int32, rids []int64) ([]bool, error) {
	tenants, named := make([]int32, len(rids)), make([]bool, len(rids))
	for i := range tenants {
		tenants[i] = tenant
	}
	err := tx.EachQuery(ctx, namedSQL, func(r db.Row) error {
		named[r.Int64(0)] = true
		return nil
	}, tenants, rids)
	return named, err
}

var counterSQL = db.Same(`SELECT next, (SELECT coalesce(max(rid), 0) FROM resource WHERE tenant = $1) FROM store_counter WHERE name = 'rid'`)

// CheckNumbers reports whether the numbers that are still to be given out are all new.
func (s *Store) CheckNumbers(ctx context.Context, tx db.Tx, tenant int32) (ok bool, err error) {
	err = tx.Query(ctx, counterSQL, []any{tenant}, func(r db.Row) error {
		ok = r.Int64(0) > r.Int64(1)
		return nil
	})
	return ok, err
}
