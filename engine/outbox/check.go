package outbox

import (
	"context"
	"fmt"

	"github.com/ficushealth/ficus/engine/db"
	"github.com/ficushealth/ficus/event"
)

var scanEvents = db.Same(`SELECT ` + eventColumns + ` FROM outbox o WHERE o.tenant = $1`)

// Scan calls fn for every event of a tenant, in any order, whether it is in the feed yet or not.
func Scan(ctx context.Context, t db.Tx, tenant int32, fn func(event.Event) error) error {
	return t.Query(ctx, scanEvents, []any{tenant}, func(r db.Row) error { return fn(deliveryAt(r, 0).Event) })
}

// Check says, in words, what is wrong with the numbers of the feed: every number stands for one event, none is given
// twice, nothing is passed over, and nobody is ahead of the feed. It looks at the whole database, because the feed is one
// for all tenants. Nothing wrong: none.
func Check(ctx context.Context, t db.Tx) (wrong []string, err error) {
	c := &feedCheck{}
	look := c.postgres
	if t.Dialect() == db.SQLite {
		look = c.sqlite
	}
	if err := look(ctx, t); err != nil {
		return nil, err
	}
	return c.wrong, c.followers(ctx, t)
}

type feedCheck struct {
	wrong []string
	head  int64
}

func (c *feedCheck) say(format string, args ...any) {
	c.wrong = append(c.wrong, fmt.Sprintf(format, args...))
}

var dense = db.Text{SQLite: `SELECT count(*), coalesce(min(change), 1), coalesce(max(change), 0) FROM outbox`}

// sqlite knows one rule: the changes are 1, 2, 3, ...
func (c *feedCheck) sqlite(ctx context.Context, t db.Tx) error {
	return t.Query(ctx, dense, nil, func(r db.Row) error {
		if c.head = r.Int64(2); r.Int64(1) != 1 || r.Int64(0) != c.head {
			c.say("%d events for the feed numbers 1 to %d", r.Int64(0), c.head)
		}
		return nil
	})
}

var feedRules = struct{ runs, floor db.Text }{
	runs: db.Text{Postgres: `SELECT r.first, r.change, r.count,
			(SELECT count(*) FROM outbox o WHERE o.change >= r.change AND o.change < r.change + r.count),
			(SELECT count(*) FROM outbox_run b WHERE b.change <= r.change + r.count - 1 AND b.change + b.count > r.change)
		FROM outbox_run r ORDER BY r.first`},
	floor: db.Text{Postgres: `SELECT f.floor, f.mark, (SELECT count(*) FROM outbox o WHERE o.change <= f.floor
			AND NOT EXISTS (SELECT 1 FROM (SELECT change, count FROM outbox_run r WHERE r.change <= o.change ORDER BY r.change DESC LIMIT 1) r
				WHERE o.change < r.change + r.count))
		FROM outbox_floor f`},
}

func (c *feedCheck) postgres(ctx context.Context, t db.Tx) error {
	next, top, floors := int64(1), int64(0), 0
	err := t.Query(ctx, feedRules.runs, nil, func(r db.Row) error {
		first, change, count, events, meets := r.Int64(0), r.Int64(1), r.Int64(2), r.Int64(3), r.Int64(4)
		switch {
		case first != next:
			c.say("the feed numbers from %d to %d stand for nothing", next, first-1)
		case events != count:
			c.say("%d events for the feed numbers %d to %d", events, first, first+count-1)
		case meets != 1:
			c.say("the changes from %d on have feed numbers twice", change)
		}
		next, top = first+count, max(top, change+count-1)
		return nil
	})
	if err != nil {
		return err
	}
	c.head = next - 1
	err = t.Query(ctx, feedRules.floor, nil, func(r db.Row) error {
		if floors++; r.Int64(2) > 0 {
			c.say("the feed has passed over %d events", r.Int64(2))
		}
		if r.Int64(0) > r.Int64(1) || r.Int64(1) > top {
			c.say("the feed would pass over what is still to come: its floor is at %d and its mark at %d, and it ends at %d", r.Int64(0), r.Int64(1), top)
		}
		return nil
	})
	if floors != 1 {
		c.say("the feed has lost its floor")
	}
	return err
}

var followers = struct{ cursors, dead db.Text }{
	cursors: db.Same(`SELECT handler, n FROM outbox_cursor WHERE n > $1 OR n < 0 ORDER BY handler`),
	dead:    db.Same(`SELECT handler, n FROM outbox_dead WHERE n > $1 OR n < 1 ORDER BY handler, n`),
}

// followers finds those whose place no event can have given them.
func (c *feedCheck) followers(ctx context.Context, t db.Tx) error {
	err := t.Query(ctx, followers.cursors, []any{c.head}, func(r db.Row) error {
		c.say("the handler %s stands at number %d, the feed ends at %d", r.Text(0), r.Int64(1), c.head)
		return nil
	})
	if err != nil {
		return err
	}
	return t.Query(ctx, followers.dead, []any{c.head}, func(r db.Row) error {
		c.say("number %d was given up by the handler %s, the feed ends at %d", r.Int64(1), r.Text(0), c.head)
		return nil
	})
}
