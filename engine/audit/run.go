package audit

import (
	"context"

	"github.com/ficushealth/ficus/engine/db"
	"github.com/ficushealth/ficus/fault"
)

// run is a piece of a tenant's index: all pairs of neighbouring blocks. A run does not change; several become one.
type run struct {
	low, high int64 // first and last block
	pairs     int64
}

var runs = struct{ below, tail, all, pages, allPages, add, addPage, remove, removePages, removeUpto, removePagesUpto, last, addDay, days, span db.Text }{
	below:    db.Same(`SELECT low, high, pairs FROM audit_run WHERE tenant = $1 AND low <= $2 AND high >= $3 ORDER BY low DESC LIMIT $4`),
	tail:     db.Same(`SELECT low, high, pairs FROM audit_run WHERE tenant = $1 ORDER BY low DESC LIMIT $2`),
	all:      db.Same(`SELECT low, high, pairs FROM audit_run WHERE tenant = $1 ORDER BY low`),
	pages:    db.Same(`SELECT run, hash, n, body FROM audit_post WHERE tenant = $1 AND run = $2`),
	allPages: db.Same(`SELECT run, hash, n, body FROM audit_post WHERE tenant = $1 ORDER BY run, hash, n`),
	add:      db.Same(`INSERT INTO audit_run (tenant, low, high, pairs) VALUES ($1, $2, $3, $4)`),
	addPage: db.Text{
		SQLite:   `INSERT INTO audit_post (tenant, run, hash, n, body) VALUES ($1, $2, $3, $4, $5)`,
		Postgres: `INSERT INTO audit_post (tenant, run, hash, n, body) SELECT * FROM unnest($1::int4[], $2::int8[], $3::int8[], $4::int8[], $5::bytea[])`,
	},
	remove:          db.Same(`DELETE FROM audit_run WHERE tenant = $1 AND low >= $2 AND low <= $3`),
	removePages:     db.Same(`DELETE FROM audit_post WHERE tenant = $1 AND run >= $2 AND run <= $3`),
	removeUpto:      db.Same(`DELETE FROM audit_run WHERE tenant = $1 AND high <= $2`),
	removePagesUpto: db.Same(`DELETE FROM audit_post WHERE tenant = $1 AND run IN (SELECT low FROM audit_run WHERE tenant = $1 AND high <= $2)`),
	last: db.Text{
		SQLite: `SELECT $5, hash, n, body FROM audit_post WHERE tenant = $1 AND run = $2 AND (hash, n) <= ($3, $4) ORDER BY hash DESC, n DESC LIMIT 1`,
		Postgres: `SELECT q.i - 1, p.hash, p.n, p.body FROM unnest($1::int4[], $2::int8[], $3::int8[], $4::int8[]) WITH ORDINALITY AS q (tenant, run, hash, n, i)
			JOIN LATERAL (SELECT hash, n, body FROM audit_post WHERE tenant = q.tenant AND run = q.run AND (hash, n) <= (q.hash, q.n)
				ORDER BY hash DESC, n DESC LIMIT 1) p ON true`,
	},
	addDay: db.Text{
		SQLite: `INSERT INTO audit_day (tenant, day, low, high) VALUES ($1, $2, $3, $4)
			ON CONFLICT (tenant, day) DO UPDATE SET low = min(low, excluded.low), high = max(high, excluded.high)`,
		Postgres: `INSERT INTO audit_day AS d (tenant, day, low, high) SELECT * FROM unnest($1::int4[], $2::int8[], $3::int8[], $4::int8[])
			ON CONFLICT (tenant, day) DO UPDATE SET low = least(d.low, excluded.low), high = greatest(d.high, excluded.high)`,
	},
	days: db.Same(`SELECT day, low, high FROM audit_day WHERE tenant = $1`),
	span: db.Same(`SELECT min(low), max(high) FROM audit_day WHERE tenant = $1 AND day >= $2 AND day <= $3`),
}

func runAt(r db.Row) run { return run{r.Int64(0), r.Int64(1), r.Int64(2)} }

// listRuns reads what one of the statements gives that list runs.
func listRuns(ctx context.Context, t db.Tx, stmt db.Text, args ...any) (list []run, err error) {
	err = t.Query(ctx, stmt, args, func(r db.Row) error {
		list = append(list, runAt(r))
		return nil
	})
	return list, err
}

// pageFrom reads hash, n and body from column i on.
func pageFrom(r db.Row, i int) page {
	return page{pair{uint32(r.Int64(i)), r.Int64(i + 1)}, r.Bytes(i + 2)}
}

// load reads all pairs of a run.
func (r run) load(ctx context.Context, t db.Tx, tenant int32, list []pair) ([]pair, error) {
	ok := true
	err := t.Query(ctx, runs.pages, []any{tenant, r.low}, func(row db.Row) error {
		some, whole := pageFrom(row, 1).pairs(list, r.low)
		list, ok = some, ok && whole
		return nil
	})
	if err == nil && !ok {
		err = noIndex(r)
	}
	return list, err
}

func noIndex(r run) error {
	return fault.New(fault.Internal, "the index of blocks %d to %d of the audit cannot be read; verify the record", r.low, r.high)
}

// postedUpto is the last block that the index knows of; what was pruned needs no index.
func postedUpto(ctx context.Context, t db.Tx, tenant int32) (upto int64, err error) {
	p, err := prunedOf(ctx, t, tenant)
	if err != nil {
		return 0, err
	}
	if p != nil {
		upto = p.Upto
	}
	tail, err := listRuns(ctx, t, runs.tail, tenant, 1)
	for _, r := range tail {
		upto = max(upto, r.high)
	}
	return upto, err
}

// queueRun stores a run in place of those that it was made of, which begin with blocks from r.low on.
func queueRun(p *db.Pipe, tenant int32, r run, pairs []pair) {
	p.Exec(runs.removePages, tenant, r.low, r.high)
	p.Exec(runs.remove, tenant, r.low, r.high)
	p.Exec(runs.add, tenant, r.low, r.high, r.pairs)
	pages := paged(pairs, r.low)
	n := len(pages)
	hash, first, body := make([]int64, n), make([]int64, n), make([][]byte, n)
	for i, x := range pages {
		hash[i], first[i], body[i] = int64(x.first.hash), x.first.n, x.body
		if body[i] == nil {
			body[i] = []byte{} // nil is NULL
		}
	}
	p.Each(runs.addPage, repeat(tenant, n), repeat(r.low, n), hash, first, body)
}

func queueDays(p *db.Pipe, tenant int32, days map[int64][2]int64) {
	var day, low, high []int64
	for d, span := range days {
		day, low, high = append(day, d), append(low, span[0]), append(high, span[1])
	}
	p.Each(runs.addDay, repeat(tenant, len(day)), day, low, high)
}

func repeat[T any](v T, n int) []T {
	out := make([]T, n)
	for i := range out {
		out[i] = v
	}
	return out
}
