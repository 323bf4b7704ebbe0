package audit

import (
	"context"

	"github.com/ficushealth/ficus/engine/db"
)

var posts = struct{ add, addDay, below, has, all, days, span, backlog, someBacklog, moveBacklog, endBacklog db.Text }{
	add: db.Text{
		SQLite:   `INSERT INTO audit_post (tenant, hash, n) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING`,
		Postgres: `INSERT INTO audit_post (tenant, hash, n) SELECT * FROM unnest($1::int4[], $2::int8[], $3::int8[]) ON CONFLICT DO NOTHING`,
	},
	addDay: db.Text{
		SQLite: `INSERT INTO audit_day (tenant, day, low, high) VALUES ($1, $2, $3, $4)
			ON CONFLICT (tenant, day) DO UPDATE SET low = min(low, excluded.low), high = max(high, excluded.high)`,
		Postgres: `INSERT INTO audit_day AS d (tenant, day, low, high) SELECT * FROM unnest($1::int4[], $2::int8[], $3::int8[], $4::int8[])
			ON CONFLICT (tenant, day) DO UPDATE SET low = least(d.low, excluded.low), high = greatest(d.high, excluded.high)`,
	},
	below: db.Same(`SELECT n FROM audit_post WHERE tenant = $1 AND hash = $2 AND n < $3 AND n >= $4 ORDER BY n DESC LIMIT $5`),
	has: db.Text{
		SQLite:   `SELECT $4, n FROM audit_post WHERE tenant = $1 AND hash = $2 AND n = $3`,
		Postgres: `SELECT q.i - 1, p.n FROM unnest($1::int4[], $2::int8[], $3::int8[]) WITH ORDINALITY AS q (tenant, hash, n, i) JOIN audit_post p ON p.tenant = q.tenant AND p.hash = q.hash AND p.n = q.n`,
	},
	all:         db.Same(`SELECT hash, n FROM audit_post WHERE tenant = $1`),
	days:        db.Same(`SELECT day, low, high FROM audit_day WHERE tenant = $1`),
	span:        db.Same(`SELECT min(low), max(high) FROM audit_day WHERE tenant = $1 AND day >= $2 AND day <= $3`),
	backlog:     db.Same(`SELECT tenant, done, upto FROM audit_backlog WHERE tenant = $1`),
	someBacklog: db.Same(`SELECT tenant, done, upto FROM audit_backlog LIMIT 1`),
	moveBacklog: db.Same(`UPDATE audit_backlog SET done = $2 WHERE tenant = $1`),
	endBacklog:  db.Same(`DELETE FROM audit_backlog WHERE tenant = $1`),
}

// queuePosting stores what the index has of a tenant's block.
func queuePosting(p *db.Pipe, tenant int32, x posting) {
	n := len(x.hashes)
	p.Each(posts.add, repeat(tenant, n), x.hashes, repeat(x.n, n))
	n = len(x.days)
	p.Each(posts.addDay, repeat(tenant, n), x.days, repeat(x.n, n), repeat(x.n, n))
}

func repeat[T any](v T, n int) []T {
	out := make([]T, n)
	for i := range out {
		out[i] = v
	}
	return out
}

// backlog are the blocks of a tenant, behind done up to upto, that the index does not have yet: it was made by an older program.
type backlog struct {
	tenant     int32
	done, upto int64
}

// holds reports whether the index does not have the block.
func (b backlog) holds(n int64) bool { return n > b.done && n <= b.upto }

func backlogAt(r db.Row) backlog { return backlog{r.Int32(0), r.Int64(1), r.Int64(2)} }

func backlogOf(ctx context.Context, t db.Tx, tenant int32) (b backlog, err error) {
	err = t.Query(ctx, posts.backlog, []any{tenant}, func(r db.Row) error {
		b = backlogAt(r)
		return nil
	})
	return b, err
}

// catchUp takes a portion of the backlog into the index, and reports whether there was any.
func (s *Sealer) catchUp(ctx context.Context) (any bool, err error) {
	err = s.d.Write(ctx, func(t db.Tx) error {
		mine, err := s.alone(ctx, t)
		if err != nil || !mine {
			return err
		}
		var b backlog
		err = t.Query(ctx, posts.someBacklog, nil, func(r db.Row) error {
			b = backlogAt(r)
			return nil
		})
		if any = b.upto > 0; err != nil || !any {
			return err
		}
		return s.portion(ctx, t, b)
	})
	return any, err
}

// portion posts the next blocks of a backlog. One that cannot be read is left out: Verify names it.
func (s *Sealer) portion(ctx context.Context, t db.Tx, b backlog) error {
	key, err := s.keys(b.tenant)
	if err != nil {
		return err
	}
	var page []block
	err = t.Query(ctx, blocksBehind, []any{b.tenant, b.done, blockPage}, func(r db.Row) error {
		page = append(page, blockAt(r))
		return nil
	})
	if err != nil {
		return err
	}
	return t.Last(ctx, func(p *db.Pipe) {
		last := b.upto
		for i := range page {
			if last = page[i].n; last > b.upto {
				break
			}
			rows, _ := s.pack.unpack(&page[i])
			queuePosting(p, b.tenant, post(key, last, rows))
		}
		if len(page) < blockPage || last >= b.upto {
			p.Exec(posts.endBacklog, b.tenant)
			return
		}
		p.Exec(posts.moveBacklog, b.tenant, last)
	})
}
