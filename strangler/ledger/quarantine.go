package ledger

import (
	"context"
	"time"

	"github.com/ficushealth/ficus/engine/db"
)

// Held is a row, with its children, that could not be taken and waits for a better mapping or better data.
type Held struct {
	ID      int64 // for people and commands; given by Hold
	Table   int32
	Key     []byte
	Map     int32
	Mapping string // content hash of the pack that refused it
	Place   string // where in the source
	Rule    string // file and line of the rule, or the check that refused
	Path    string // column or element
	Reason  string // holds no value of the row
	Image   []byte // the row and its children as the source gave them, sealed: see Seal
	Run     int64
	At      time.Time
}

const heldFields = `id, tbl, key, map, mapping, place, rule, path, reason, image, run, at`

var putHeld = db.Text{
	SQLite: `INSERT INTO strangler_quarantine (tenant, ` + heldFields + `) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)` + replaceHeld,
	Postgres: `INSERT INTO strangler_quarantine (tenant, ` + heldFields + `) SELECT * FROM unnest($1::int4[], $2::int8[], $3::int4[], $4::bytea[], $5::int4[],
		$6::text[], $7::text[], $8::text[], $9::text[], $10::text[], $11::bytea[], $12::int8[], $13::int8[])` + replaceHeld,
}

const replaceHeld = ` ON CONFLICT (tenant, tbl, key) DO UPDATE SET map = excluded.map, mapping = excluded.mapping, place = excluded.place,
	rule = excluded.rule, path = excluded.path, reason = excluded.reason, image = excluded.image, run = excluded.run, at = excluded.at`

// Hold puts rows into quarantine. A row that is there already keeps its ID and gets the rest anew.
func Hold(ctx context.Context, tx db.Tx, tenant int32, held []Held) error {
	if len(held) == 0 {
		return nil
	}
	var last int64
	err := tx.Query(ctx, db.Same(`SELECT coalesce(max(id), 0) FROM strangler_quarantine WHERE tenant = $1`), []any{tenant}, func(r db.Row) error {
		last = r.Int64(0)
		return nil
	})
	if err != nil {
		return err
	}
	c := heldColumns(tenant, last, held)
	return tx.Each(ctx, putHeld, c...)
}

func heldColumns(tenant int32, last int64, held []Held) []any {
	var tenants, tables, maps []int32
	var ids, runs, at []int64
	var keys, images [][]byte
	var mapping, place, rule, path, reason []string
	for i, h := range held {
		tenants, ids, tables = append(tenants, tenant), append(ids, last+int64(i)+1), append(tables, h.Table)
		keys, maps, mapping = append(keys, h.Key), append(maps, h.Map), append(mapping, h.Mapping)
		place, rule, path = append(place, h.Place), append(rule, h.Rule), append(path, h.Path)
		reason, images = append(reason, h.Reason), append(images, h.Image)
		runs, at = append(runs, h.Run), append(at, h.At.UnixMicro())
	}
	return []any{tenants, ids, tables, keys, maps, mapping, place, rule, path, reason, images, runs, at}
}

var dropHeld = db.Text{
	SQLite: `DELETE FROM strangler_quarantine WHERE tenant = $1 AND tbl = $2 AND key = $3`,
	Postgres: `DELETE FROM strangler_quarantine q USING unnest($1::int4[], $2::int4[], $3::bytea[]) AS c(tenant, tbl, key)
		WHERE q.tenant = c.tenant AND q.tbl = c.tbl AND q.key = c.key`,
}

// Release takes rows of a table out of quarantine; those that are not there do not matter.
func Release(ctx context.Context, tx db.Tx, tenant, table int32, keys [][]byte) error {
	tenants, tables := make([]int32, len(keys)), make([]int32, len(keys))
	for i := range keys {
		tenants[i], tables[i] = tenant, table
	}
	return tx.Each(ctx, dropHeld, tenants, tables, keys)
}

// AnyHeld reports whether anything of the tenant is in quarantine.
func AnyHeld(ctx context.Context, d *db.DB, tenant int32) (found bool, err error) {
	stmt := db.Same(`SELECT 1 FROM strangler_quarantine WHERE tenant = $1 LIMIT 1`)
	err = d.Query(ctx, stmt, []any{tenant}, func(db.Row) error {
		found = true
		return nil
	})
	return found, err
}

// CountHeld counts what is in quarantine.
func CountHeld(ctx context.Context, d *db.DB, tenant int32) (n int64, err error) {
	stmt := db.Same(`SELECT count(*) FROM strangler_quarantine WHERE tenant = $1`)
	err = d.Query(ctx, stmt, []any{tenant}, func(r db.Row) error {
		n = r.Int64(0)
		return nil
	})
	return n, err
}

// CountQuarantinedRoots counts the entries of rows that are in quarantine in their own right, not with their root.
func CountQuarantinedRoots(ctx context.Context, d *db.DB, tenant int32) (n int64, err error) {
	stmt := db.Same(`SELECT count(*) FROM strangler_row WHERE tenant = $1 AND state = 3 AND root IS NULL AND gone IS NULL`)
	err = d.Query(ctx, stmt, []any{tenant}, func(r db.Row) error {
		n = r.Int64(0)
		return nil
	})
	return n, err
}

// Quarantine calls fn for what is held, in the order of ID, from the one behind after on.
func Quarantine(ctx context.Context, d *db.DB, tenant int32, after int64, limit int, fn func(Held) error) error {
	stmt := db.Same(`SELECT ` + heldFields + ` FROM strangler_quarantine WHERE tenant = $1 AND id > $2 ORDER BY id LIMIT $3`)
	return d.Query(ctx, stmt, []any{tenant, after, limit}, func(r db.Row) error { return fn(scanHeld(r, 0)) })
}

var heldOf = db.Text{
	SQLite: `SELECT $4, ` + heldFields + ` FROM strangler_quarantine WHERE tenant = $1 AND tbl = $2 AND key = $3`,
	Postgres: `SELECT c.n - 1, q.id, q.tbl, q.key, q.map, q.mapping, q.place, q.rule, q.path, q.reason, q.image, q.run, q.at
		FROM unnest($1::int4[], $2::int4[], $3::bytea[]) WITH ORDINALITY AS c(tenant, tbl, key, n)
		JOIN strangler_quarantine q ON q.tenant = c.tenant AND q.tbl = c.tbl AND q.key = c.key`,
}

// HeldOf calls fn for what is held of these keys of a table; i is the index of the key.
func HeldOf(ctx context.Context, tx db.Tx, tenant, table int32, keys [][]byte, fn func(i int, h Held) error) error {
	tenants, tables := make([]int32, len(keys)), make([]int32, len(keys))
	for i := range keys {
		tenants[i], tables[i] = tenant, table
	}
	return tx.EachQuery(ctx, heldOf, func(r db.Row) error { return fn(int(r.Int64(0)), scanHeld(r, 1)) }, tenants, tables, keys)
}

func scanHeld(r db.Row, at int) Held {
	return Held{
		ID: r.Int64(at), Table: r.Int32(at + 1), Key: r.Bytes(at + 2), Map: r.Int32(at + 3), Mapping: r.Text(at + 4), Place: r.Text(at + 5),
		Rule: r.Text(at + 6), Path: r.Text(at + 7), Reason: r.Text(at + 8), Image: r.Bytes(at + 9), Run: r.Int64(at + 10), At: instant(r.Int64(at + 11)),
	}
}
