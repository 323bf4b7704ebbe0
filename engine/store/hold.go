package store

import (
	"context"

	"github.com/ficushealth/ficus/engine/db"
)

// tryLockSQL never waits: these locks are known only after the sorted ones were
// taken, and waiting for them could close a circle.
var tryLockSQL = db.Text{
	SQLite:   `SELECT $2, TRUE WHERE $1 IS NOT NULL`,
	Postgres: `SELECT q.n - 1, pg_try_advisory_xact_lock_shared(q.key) FROM unnest($1::int8[]) WITH ORDINALITY AS q(key, n)`,
}

// maxHeld is how many matches of a condition are kept. A condition may have one that counts, a second shows that it has too
// many, and then nothing is written.
const maxHeld = 2

// holdMatches keeps what conditions have found in being until commit, as the
// targets of literal references are. If another change is at it, the member is
// tried again, and searches again. What the member writes itself, or what belongs to
// a tenant that it has to itself, nobody else can take away.
func (s *Store) holdMatches(ctx context.Context, tx db.Tx, ms []*member) error {
	var k keys
	var locks []int64
	gone := deletes(ms)
	for _, m := range ms {
		own := m.standing()
		for _, c := range m.conditions {
			if c.foreseen { // the matches are locked as what they are: the resources that are written
				continue
			}
			held := 0
			for _, x := range c.matches {
				id := identity{m.p.Tenant, c.index, x.id}
				if by := gone[id]; by != nil && by != m {
					return errLost
				}
				if own[x.rid] || m.whole() || held == maxHeld {
					continue
				}
				held++
				k.add(id)
				locks = append(locks, beingKey(m.p.Tenant, c.index, x.id))
			}
		}
	}
	if len(locks) == 0 {
		return nil
	}
	held, there := 0, 0
	err := tx.Pipeline(ctx, func(p *db.Pipe) {
		p.EachQuery(tryLockSQL, func(r db.Row) error {
			if r.Bool(1) {
				held++
			}
			return nil
		}, locks)
		p.EachQuery(targetSQL, func(r db.Row) error {
			if r.Bool(2) {
				there++
			}
			return nil
		}, k.tenant, k.index, k.id)
	})
	if err == nil && (held < len(locks) || there < len(locks)) {
		err = errLost
	}
	return err
}

// deletes says which member of the group deletes a resource.
func deletes(ms []*member) map[identity]*member {
	out := map[identity]*member{}
	for _, m := range ms {
		for _, o := range m.ops {
			if o.method == Delete {
				out[identity{m.p.Tenant, o.index, o.id}] = m
			}
		}
	}
	return out
}
