package crosswalk

import (
	"context"

	"github.com/ficushealth/ficus/engine/db"
)

const linkFields = `tbl, key, slot, type, id, version, state, digest`

// Range calls fn for the links of a table whose keys lie behind after and not behind upto, in the order of key and slot.
// A nil after is the start, a nil upto the end.
func Range(ctx context.Context, tx db.Tx, tenant, table int32, after, upto []byte, fn func(Link) error) error {
	stmt, args := db.Same(`SELECT `+linkFields+` FROM strangler_link
		WHERE tenant = $1 AND tbl = $2 AND key > $3 AND key <= $4 ORDER BY key, slot`), []any{tenant, table, Floor(after), upto}
	if upto == nil {
		stmt, args = db.Same(`SELECT `+linkFields+` FROM strangler_link
			WHERE tenant = $1 AND tbl = $2 AND key > $3 ORDER BY key, slot`), args[:3]
	}
	return tx.Query(ctx, stmt, args, func(r db.Row) error { return fn(scan(r, 0)) })
}

// Floor is the lower bound of a range: an empty key, which no row has, stands for the start.
func Floor(after []byte) []byte {
	if after == nil {
		return []byte{}
	}
	return after
}

// Behind returns the links whose target is this, normally one; none if it did not come from a legacy row.
func Behind(ctx context.Context, tx db.Tx, tenant, typ int32, id string) (links []Link, err error) {
	err = tx.Query(ctx, behind, []any{tenant, typ, packID(id)}, func(r db.Row) error {
		links = append(links, scan(r, 0))
		return nil
	})
	return links, err
}

var ofKeys = db.Text{
	SQLite: `SELECT $4, ` + linkFields + ` FROM strangler_link WHERE tenant = $1 AND tbl = $2 AND key = $3 ORDER BY slot`,
	Postgres: `SELECT c.n - 1, l.tbl, l.key, l.slot, l.type, l.id, l.version, l.state, l.digest
		FROM unnest($1::int4[], $2::int4[], $3::bytea[]) WITH ORDINALITY AS c(tenant, tbl, key, n)
		JOIN strangler_link l ON l.tenant = c.tenant AND l.tbl = c.tbl AND l.key = c.key ORDER BY c.n, l.slot`,
}

// Of calls fn for the links of these rows of a table: i is the index of the key.
func Of(ctx context.Context, tx db.Tx, tenant, table int32, keys [][]byte, fn func(i int, l Link) error) error {
	tenants, tables := same(tenant, len(keys)), same(table, len(keys))
	return tx.EachQuery(ctx, ofKeys, func(r db.Row) error { return fn(int(r.Int64(0)), scan(r, 1)) }, tenants, tables, keys)
}

// SQLite, which has no statistics here, would read all links of the tenant: it is told which index to take.
var (
	staleOnes = db.Text{
		SQLite: `SELECT ` + linkFields + ` FROM strangler_link INDEXED BY strangler_link_stale
			WHERE tenant = $1 AND tbl = $2 AND state = 2 AND (key, slot) > ($3, $4) ORDER BY key, slot LIMIT $5`,
		Postgres: `SELECT ` + linkFields + ` FROM strangler_link
			WHERE tenant = $1 AND tbl = $2 AND state = 2 AND (key, slot) > ($3, $4) ORDER BY key, slot LIMIT $5`,
	}
	behind = db.Text{
		SQLite:   `SELECT ` + linkFields + ` FROM strangler_link INDEXED BY strangler_link_target WHERE tenant = $1 AND type = $2 AND id = $3`,
		Postgres: `SELECT ` + linkFields + ` FROM strangler_link WHERE tenant = $1 AND type = $2 AND id = $3`,
	}
)

// StaleOnes returns at most limit links of a table whose targets are to be deleted, in the order of key and slot, from behind
// the link after on; the zero Link is before all.
func StaleOnes(ctx context.Context, d *db.DB, tenant, table int32, after Link, limit int) (links []Link, err error) {
	err = d.Query(ctx, staleOnes, []any{tenant, table, Floor(after.Key), after.Slot, limit}, func(r db.Row) error {
		links = append(links, scan(r, 0))
		return nil
	})
	return links, err
}

func scan(r db.Row, at int) Link {
	return Link{
		Table: r.Int32(at), Key: r.Bytes(at + 1), Slot: r.Int32(at + 2),
		Type: r.Int32(at + 3), ID: unpackID(r.BytesNoCopy(at + 4)), Version: r.Int64(at + 5), State: State(r.Int32(at + 6)),
		Digest: r.Bytes(at + 7),
	}
}

func same(v int32, n int) []int32 {
	all := make([]int32, n)
	for i := range all {
		all[i] = v
	}
	return all
}

var ofTargets = db.Text{
	SQLite: `SELECT $4, ` + linkFields + ` FROM strangler_link INDEXED BY strangler_link_target WHERE tenant = $1 AND type = $2 AND id = $3`,
	Postgres: `SELECT c.n - 1, l.tbl, l.key, l.slot, l.type, l.id, l.version, l.state, l.digest
		FROM unnest($1::int4[], $2::int4[], $3::bytea[]) WITH ORDINALITY AS c(tenant, type, id, n)
		JOIN strangler_link l ON l.tenant = c.tenant AND l.type = c.type AND l.id = c.id`,
}

// Target names what a link points at.
type Target struct {
	Type int32
	ID   string
}

// OfTargets calls fn for the links that point at these targets; i is the index of the target.
func OfTargets(ctx context.Context, tx db.Tx, tenant int32, targets []Target, fn func(i int, l Link) error) error {
	types, ids := make([]int32, len(targets)), make([][]byte, len(targets))
	for i, t := range targets {
		types[i], ids[i] = t.Type, packID(t.ID)
	}
	return tx.EachQuery(ctx, ofTargets, func(r db.Row) error { return fn(int(r.Int64(0)), scan(r, 1)) }, same(tenant, len(targets)), types, ids)
}
