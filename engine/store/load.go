package store

import (
	"context"
	"strconv"

	"github.com/ficushealth/ficus/engine/db"
	"github.com/ficushealth/ficus/fhir"
	"github.com/ficushealth/ficus/fhir/r4"
)

// loaded is what a group knows of the database before it writes.
type loaded struct {
	targets map[identity]target // of references to resources outside of the member
}

// target is what a reference points at.
type target struct {
	rid     int64
	exists  bool  // live; else the row is a placeholder or a tombstone
	pending bool  // there is no row yet
	version int64 // the current one of what is live

	successor string // the id of what has taken its place; empty: nothing has
}

// successorSQL is who has taken the place of a row r of table resource.
const successorSQL = `COALESCE((SELECT s.successor FROM resource_successor s WHERE s.tenant = r.tenant AND s.rid = r.rid), '')`

var currentSQL = db.Text{
	SQLite: `SELECT $4, r.rid, r.version, r.updated, r.method, r.deleted, r.body, ` + successorSQL + `
		FROM resource r WHERE r.tenant = $1 AND r.type = $2 AND r.id = $3`,
	Postgres: `SELECT q.n - 1, r.rid, r.version, r.updated, r.method, r.deleted, r.body, ` + successorSQL + `
		FROM unnest($1::int4[], $2::int2[], $3::text[]) WITH ORDINALITY AS q(tenant, type, id, n)
		JOIN resource r ON r.tenant = q.tenant AND r.type = q.type AND r.id = q.id`,
}

var targetSQL = db.Text{
	SQLite: `SELECT $4, r.rid, CASE WHEN r.deleted THEN 0 ELSE r.version END, ` + successorSQL + `
		FROM resource r WHERE r.tenant = $1 AND r.type = $2 AND r.id = $3`,
	Postgres: `SELECT q.n - 1, r.rid, CASE WHEN r.deleted THEN 0 ELSE r.version END, ` + successorSQL + `
		FROM unnest($1::int4[], $2::int2[], $3::text[]) WITH ORDINALITY AS q(tenant, type, id, n)
		JOIN resource r ON r.tenant = q.tenant AND r.type = q.type AND r.id = q.id`,
}

// maxReferrers is how many rows of those who point at a resource are read at once.
const maxReferrers = 1000

// referrersSQL finds who points at a resource: the first rows of them.
var referrersSQL = db.Text{
	SQLite: `SELECT $4, x.rid, x.hash FROM resource r JOIN ix_ref x ON x.tenant = r.tenant AND x.target = r.rid
		WHERE r.tenant = $1 AND r.type = $2 AND r.id = $3 AND x.rid <> r.rid ORDER BY x.hash, x.rid LIMIT ` + strconv.Itoa(maxReferrers),
	Postgres: `SELECT q.n - 1, x.rid, x.hash
		FROM unnest($1::int4[], $2::int2[], $3::text[]) WITH ORDINALITY AS q(tenant, type, id, n)
		JOIN resource r ON r.tenant = q.tenant AND r.type = q.type AND r.id = q.id
		CROSS JOIN LATERAL (SELECT x.rid, x.hash FROM ix_ref x WHERE x.tenant = r.tenant AND x.target = r.rid AND x.rid <> r.rid
			ORDER BY x.hash, x.rid LIMIT ` + strconv.Itoa(maxReferrers) + `) x`,
}

// moreReferrersSQL reads on behind a row.
var moreReferrersSQL = db.Same(`SELECT rid, hash FROM ix_ref WHERE tenant = $1 AND target = $2 AND (hash, rid) > ($3, $4) AND rid <> $2
	ORDER BY hash, rid LIMIT ` + strconv.Itoa(maxReferrers))

// keys are the columns of a look-up by identity.
type keys struct {
	tenant, index []int32
	id            []string
}

func (k *keys) add(i identity) {
	k.tenant, k.index, k.id = append(k.tenant, i.tenant), append(k.index, int32(i.index)), append(k.id, i.id)
}

// load takes the group's locks and reads what its members depend on, in one
// round trip; a second one where conditions have to be searched for.
func (s *Store) load(ctx context.Context, tx db.Tx, ms []*member) (*loaded, error) {
	l := &loaded{targets: map[identity]target{}}
	if !s.needsLoad(ms) {
		return l, nil
	}
	err := tx.Pipeline(ctx, func(p *db.Pipe) {
		if tx.Dialect() == db.Postgres {
			takeLocks(p, locks(ms))
		}
		loadCurrent(p, ms)
		loadTargets(p, l, ms)
		loadReferrers(p, ms)
		loadConditions(p, ms)
	})
	if err == nil {
		err = loadStrangers(ctx, tx, ms)
	}
	if err == nil {
		err = s.loadDeep(ctx, tx, ms)
	}
	if err != nil {
		return nil, err
	}
	return l, s.holdMatches(ctx, tx, ms)
}

func (s *Store) needsLoad(ms []*member) bool {
	for _, m := range ms {
		if len(m.conditions) > 0 || m.alone != nil {
			return true
		}
		for _, o := range m.ops {
			if o.method != Post || len(o.refs) > 0 {
				return true
			}
		}
	}
	return false
}

func takeLocks(p *db.Pipe, locks []lock) {
	keys, shared := make([]int64, len(locks)), make([]bool, len(locks))
	for i, l := range locks {
		keys[i], shared[i] = l.key, l.shared
	}
	p.EachQuery(lockSQL, func(db.Row) error { return nil }, keys, shared)
}

func loadCurrent(p *db.Pipe, ms []*member) {
	var k keys
	var ops []*op
	for _, m := range ms {
		for _, o := range m.ops {
			if o.method != Post {
				k.add(identity{m.p.Tenant, o.index, o.id})
				ops = append(ops, o)
			}
		}
	}
	p.EachQuery(currentSQL, func(r db.Row) error {
		ops[r.Int64(0)].found = readCurrent(r)
		return nil
	}, k.tenant, k.index, k.id)
}

func readCurrent(r db.Row) *current {
	return &current{
		rid: r.Int64(1), version: r.Int64(2), updated: r.Int64(3), method: Method(r.Int32(4)), deleted: r.Bool(5), sealed: r.Bytes(6),
		successor: r.Text(7),
	}
}

// loadTargets looks up what the members' references point at, and notes what has no row.
func loadTargets(p *db.Pipe, l *loaded, ms []*member) {
	var k keys
	var ids []identity
	for _, m := range ms {
		for _, o := range m.ops {
			for _, r := range o.refs {
				i, ok := typeIndex(r.Type)
				id := identity{m.p.Tenant, i, r.ID}
				if _, seen := l.targets[id]; !ok || r.Kind != fhir.RefRelative || seen {
					continue
				}
				l.targets[id] = target{pending: true}
				k.add(id)
				ids = append(ids, id)
			}
		}
	}
	p.EachQuery(targetSQL, func(r db.Row) error {
		l.targets[ids[r.Int64(0)]] = target{rid: r.Int64(1), exists: r.Int64(2) > 0, version: r.Int64(2), successor: r.Text(3)}
		return nil
	}, k.tenant, k.index, k.id)
}

func loadReferrers(p *db.Pipe, ms []*member) {
	var k keys
	var ops []*op
	for _, m := range ms {
		for _, o := range m.ops {
			if o.method == Delete && m.integrity {
				k.add(identity{m.p.Tenant, o.index, o.id})
				ops = append(ops, o)
			}
		}
	}
	p.EachQuery(referrersSQL, func(r db.Row) error {
		o := ops[r.Int64(0)]
		o.referrers = append(o.referrers, referrer{r.Int64(1), r.Int64(2)})
		return nil
	}, k.tenant, k.index, k.id)
}

// loadStrangers reads on where all referrers that were read are the member's own: one that is not may stand behind them.
func loadStrangers(ctx context.Context, tx db.Tx, ms []*member) error {
	for _, m := range ms {
		var own map[int64]bool
		for _, o := range m.ops {
			if len(o.referrers) < maxReferrers {
				continue
			}
			if own == nil {
				own = m.standing()
			}
			if err := o.loadStranger(ctx, tx, m.p.Tenant, own); err != nil {
				return err
			}
		}
	}
	return nil
}

func (o *op) loadStranger(ctx context.Context, tx db.Tx, tenant int32, own map[int64]bool) error {
	for page := o.referrers; len(page) == maxReferrers && ownAll(page, own); {
		last := page[len(page)-1]
		page = nil
		err := tx.Query(ctx, moreReferrersSQL, []any{tenant, o.found.rid, last.hash, last.rid}, func(r db.Row) error {
			page = append(page, referrer{r.Int64(0), r.Int64(1)})
			return nil
		})
		if err != nil {
			return err
		}
		o.referrers = append(o.referrers, page...)
	}
	return nil
}

func ownAll(page []referrer, own map[int64]bool) bool {
	for _, r := range page {
		if !own[r.rid] {
			return false
		}
	}
	return true
}

// standing are the numbers of the resources that the member writes or deletes and that were there before.
func (m *member) standing() map[int64]bool {
	out := make(map[int64]bool, len(m.ops))
	for _, o := range m.ops {
		if o.found != nil {
			out[o.found.rid] = true
		}
	}
	return out
}

// loadConditions queues the search of every condition that the group depends on.
func loadConditions(p *db.Pipe, ms []*member) {
	for _, m := range ms {
		for _, c := range m.conditions {
			c.search(p, &c.matches)
		}
	}
}

func typeIndex(name string) (int16, bool) {
	i, ok := r4.ResourceIndex(name)
	return int16(i), ok
}
