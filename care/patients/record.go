package patients

import (
	"context"
	"time"

	"github.com/ficushealth/ficus/engine/db"
	"github.com/ficushealth/ficus/engine/store"
)

// record is what is kept of a merge, so that it can be undone.
type record struct {
	id, source, target           string
	sourceVersion, targetVersion int64 // before the merge
	undone                       bool
}

// moved is a resource whose references were moved, with the version that it had before.
type moved struct {
	typ, id string
	version int64
}

func (m moved) key() store.Key { return store.Key{Type: m.typ, ID: m.id} }

var (
	keepMerge = db.Same(`INSERT INTO patients_merge (tenant, id, source, target, source_version, target_version, merged) VALUES ($1, $2, $3, $4, $5, $6, $7)`)
	lastMerge = db.Same(`SELECT id, source, target, source_version, target_version, undone IS NOT NULL FROM patients_merge
		WHERE tenant = $1 AND source = $2 ORDER BY merged DESC, id DESC LIMIT 1`)
	markUndone = db.Same(`UPDATE patients_merge SET undone = $3 WHERE tenant = $1 AND id = $2`)
	keepMoved  = db.Text{
		SQLite: `INSERT INTO patients_moved (tenant, merge, type, id, version) VALUES ($1, $2, $3, $4, $5)`,
		Postgres: `INSERT INTO patients_moved (tenant, merge, type, id, version)
			SELECT q.tenant, q.merge, q.type, q.id, q.version FROM unnest($1::int4[], $2::text[], $3::text[], $4::text[], $5::int8[]) AS q(tenant, merge, type, id, version)`,
	}
	movedBy = db.Same(`SELECT type, id, version FROM patients_moved WHERE tenant = $1 AND merge = $2 ORDER BY type, id`)
)

// keep writes the record of a merge.
func (r record) keep(ctx context.Context, tx db.Tx, tenant int32, at time.Time, list []moved) error {
	if _, err := tx.Exec(ctx, keepMerge, tenant, r.id, r.source, r.target, r.sourceVersion, r.targetVersion, at.UnixMicro()); err != nil {
		return err
	}
	tenants, merges, types, ids, versions := make([]int32, len(list)), make([]string, len(list)), make([]string, len(list)), make([]string, len(list)), make([]int64, len(list))
	for i, m := range list {
		tenants[i], merges[i], types[i], ids[i], versions[i] = tenant, r.id, m.typ, m.id, m.version
	}
	return tx.Each(ctx, keepMoved, tenants, merges, types, ids, versions)
}

// last reads the latest merge of a source; the zero record if there was none.
func last(ctx context.Context, tx db.Tx, tenant int32, source string) (r record, err error) {
	err = tx.Query(ctx, lastMerge, []any{tenant, source}, func(row db.Row) error {
		r = record{row.Text(0), row.Text(1), row.Text(2), row.Int64(3), row.Int64(4), row.Bool(5)}
		return nil
	})
	return r, err
}

// moves reads what the merge has moved.
func (r record) moves(ctx context.Context, tx db.Tx, tenant int32) (list []moved, err error) {
	err = tx.Query(ctx, movedBy, []any{tenant, r.id}, func(row db.Row) error {
		list = append(list, moved{row.Text(0), row.Text(1), row.Int64(2)})
		return nil
	})
	return list, err
}

// undo marks the merge as undone.
func (r record) undo(ctx context.Context, tx db.Tx, tenant int32, at time.Time) error {
	_, err := tx.Exec(ctx, markUndone, tenant, r.id, at.UnixMicro())
	return err
}
