package outbox

import (
	"context"

	"github.com/ficushealth/ficus/engine/db"
)

// numberedEvents are the events of PostgreSQL with their feed numbers in the place of their changes. What is committed and
// has no number yet, which is above the floor, comes behind the others in the order of its changes.
const numberedEvents = `SELECT o.tenant, r.first + o.change - r.change AS change, o.rid, o.at, o.version, o.replayed, o.name, o.type, o.id, o.payload
	FROM outbox_run r JOIN outbox o ON o.change BETWEEN r.change AND r.change + r.count - 1
	UNION ALL
	SELECT o.tenant, (SELECT coalesce(max(first + count - 1), 0) FROM outbox_run) + row_number() OVER (ORDER BY o.change),
		o.rid, o.at, o.version, o.replayed, o.name, o.type, o.id, o.payload
	FROM outbox o WHERE o.change > (SELECT floor FROM outbox_floor)
		AND coalesce((SELECT r.change + r.count FROM outbox_run r WHERE r.change <= o.change ORDER BY r.change DESC LIMIT 1), 0) <= o.change`

var restoring = struct{ runs, floor, counter db.Text }{
	runs: db.Text{Postgres: `INSERT INTO outbox_run (first, change, count)
		SELECT min(change), min(change), max(change) - min(change) + 1 FROM outbox HAVING count(*) > 0`},
	floor: db.Text{Postgres: `INSERT INTO outbox_floor (floor, mark, mark_xid)
		SELECT coalesce(max(change), 0), coalesce(max(change), 0), 0 FROM outbox`},
	counter: db.Text{Postgres: `SELECT setval('outbox_change', n) FROM (SELECT max(change) AS n FROM outbox) m WHERE n > 0`},
}

// restored makes the books of PostgreSQL for events whose changes are feed numbers. SQLite has no books.
func restored(ctx context.Context, t db.Tx) error {
	if t.Dialect() == db.SQLite {
		return nil
	}
	return t.Pipeline(ctx, func(p *db.Pipe) {
		p.Exec(restoring.runs)
		p.Exec(restoring.floor)
		p.Query(restoring.counter, nil, func(db.Row) error { return nil })
	})
}
