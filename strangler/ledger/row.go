package ledger

import (
	"context"

	"github.com/ficushealth/ficus/engine/db"
	"github.com/ficushealth/ficus/strangler/crosswalk"
)

// State says what became of a legacy row. A row has exactly one.
type State int32

// The states; the numbers are stored.
const (
	Mapped State = iota + 1
	Filtered
	Quarantined
)

// String is the state in a word.
func (s State) String() string {
	return [...]string{"unknown", "mapped", "filtered", "quarantined"}[min(max(s, 0), 3)]
}

// Row is the ledger's entry for one legacy row.
type Row struct {
	Table  int32  // number of the legacy table
	Key    []byte // see Key
	Whole  []byte // the key in full where Key is a cut one
	Map    int32  // number of the map that owns the row
	State  State
	Reason int32  // number of the reason of a filter or of the rule of a quarantine
	Leaf   Leaf   // fingerprint of the row
	Image  []byte // of a root: fingerprint (16 bytes) of the row, its children and the map; nil for a child
	Root   []byte // of a child: key of its root; nil for a root
	Run    int64  // run that last wrote the entry
	Gone   int64  // run that found the row missing in the source; 0: it is there
}

// Source is the row's key in full.
func (r Row) Source() []byte {
	if r.Whole != nil {
		return r.Whole
	}
	return r.Key
}

const rowFields = `tbl, key, whole, map, state, reason, leaf, image, root, run, gone`

var putRows = db.Text{
	SQLite:   `INSERT INTO strangler_row (tenant, ` + rowFields + `) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, NULL)` + inPlace,
	Postgres: `INSERT INTO strangler_row (tenant, ` + rowFields + `) SELECT *, NULL::int8 FROM unnest($1::int4[], $2::int4[], $3::bytea[], $4::bytea[], $5::int4[], $6::int4[], $7::int4[], $8::bytea[], $9::bytea[], $10::bytea[], $11::int8[])` + inPlace,
}

const inPlace = ` ON CONFLICT (tenant, tbl, key) DO UPDATE SET map = excluded.map, state = excluded.state, reason = excluded.reason,
	leaf = excluded.leaf, image = excluded.image, root = excluded.root, run = excluded.run, gone = NULL`

// Put writes entries, in place of those that the same rows had. A row must not stand in rows twice. Gone is not written:
// what is put is there.
func Put(ctx context.Context, tx db.Tx, tenant int32, rows []Row) error {
	c := columnsOf(tenant, rows)
	return tx.Each(ctx, putRows, c.tenant, c.table, c.key, c.whole, c.owner, c.state, c.reason, c.leaf, c.image, c.root, c.run)
}

type rowColumns struct {
	tenant, table, owner, state, reason []int32
	key, whole, leaf, image, root       [][]byte
	run                                 []int64
}

func columnsOf(tenant int32, rows []Row) (c rowColumns) {
	for i := range rows {
		r := &rows[i]
		c.tenant = append(c.tenant, tenant)
		c.table = append(c.table, r.Table)
		c.key = append(c.key, r.Key)
		c.whole = append(c.whole, r.Whole)
		c.owner = append(c.owner, r.Map)
		c.state = append(c.state, int32(r.State))
		c.reason = append(c.reason, r.Reason)
		c.leaf = append(c.leaf, r.Leaf[:])
		c.image = append(c.image, r.Image)
		c.root = append(c.root, r.Root)
		c.run = append(c.run, r.Run)
	}
	return c
}

// Range calls fn for the entries of a table whose keys in full lie behind after and not behind upto, in the order of their
// keys but for cut ones. A nil after is the start, a nil upto the end.
func Range(ctx context.Context, tx db.Tx, tenant, table int32, after, upto []byte, fn func(Row) error) error {
	lo, hi := Bounds(after, upto)
	stmt, args := db.Same(`SELECT `+rowFields+` FROM strangler_row
		WHERE tenant = $1 AND tbl = $2 AND key > $3 AND key <= $4 ORDER BY key`), []any{tenant, table, crosswalk.Floor(lo), hi}
	if hi == nil {
		stmt, args = db.Same(`SELECT `+rowFields+` FROM strangler_row WHERE tenant = $1 AND tbl = $2 AND key > $3 ORDER BY key`), args[:3]
	}
	return tx.Query(ctx, stmt, args, func(r db.Row) error {
		if row := scanRow(r, 0); within(row.Source(), after, upto) {
			return fn(row)
		}
		return nil
	})
}

// Any reports whether the ledger has an entry of the table behind a key.
func Any(ctx context.Context, d *db.DB, tenant, table int32, after []byte) (found bool, err error) {
	lo, _ := Bounds(after, nil)
	stmt := db.Same(`SELECT 1 FROM strangler_row WHERE tenant = $1 AND tbl = $2 AND key > $3 LIMIT 1`)
	err = d.Query(ctx, stmt, []any{tenant, table, crosswalk.Floor(lo)}, func(db.Row) error {
		found = true
		return nil
	})
	return found, err
}

var rowsOf = db.Text{
	SQLite: `SELECT $4, ` + rowFields + ` FROM strangler_row WHERE tenant = $1 AND tbl = $2 AND key = $3`,
	Postgres: `SELECT c.n - 1, r.tbl, r.key, r.whole, r.map, r.state, r.reason, r.leaf, r.image, r.root, r.run, r.gone
		FROM unnest($1::int4[], $2::int4[], $3::bytea[]) WITH ORDINALITY AS c(tenant, tbl, key, n)
		JOIN strangler_row r ON r.tenant = c.tenant AND r.tbl = c.tbl AND r.key = c.key`,
}

// Of calls fn for the entries of these keys of a table, in the form that Key gives; i is the index of the key.
func Of(ctx context.Context, tx db.Tx, tenant, table int32, keys [][]byte, fn func(i int, r Row) error) error {
	tenants, tables := make([]int32, len(keys)), make([]int32, len(keys))
	for i := range keys {
		tenants[i], tables[i] = tenant, table
	}
	return tx.EachQuery(ctx, rowsOf, func(r db.Row) error { return fn(int(r.Int64(0)), scanRow(r, 1)) }, tenants, tables, keys)
}

func scanRow(r db.Row, at int) Row {
	row := Row{
		Table: r.Int32(at), Key: r.Bytes(at + 1), Whole: r.Bytes(at + 2), Map: r.Int32(at + 3), State: State(r.Int32(at + 4)),
		Reason: r.Int32(at + 5), Image: r.Bytes(at + 7), Root: r.Bytes(at + 8), Run: r.Int64(at + 9), Gone: r.Int64(at + 10),
	}
	copy(row.Leaf[:], r.BytesNoCopy(at+6))
	return row
}

var markGone = db.Text{
	SQLite: `UPDATE strangler_row SET gone = $4 WHERE tenant = $1 AND tbl = $2 AND key = $3`,
	Postgres: `UPDATE strangler_row r SET gone = c.run FROM unnest($1::int4[], $2::int4[], $3::bytea[], $4::int8[]) AS c(tenant, tbl, key, run)
		WHERE r.tenant = c.tenant AND r.tbl = c.tbl AND r.key = c.key`,
}

// MarkGone notes that the run did not find these rows in the source any more.
func MarkGone(ctx context.Context, tx db.Tx, tenant int32, run int64, rows []Row) error {
	c := columnsOf(tenant, rows)
	for i := range c.run {
		c.run[i] = run
	}
	return tx.Each(ctx, markGone, c.tenant, c.table, c.key, c.run)
}
