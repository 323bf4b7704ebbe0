package outbox

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/ficushealth/ficus/engine/db"
	"github.com/ficushealth/ficus/event"
)

// Delivery is an event in the feed.
type Delivery struct {
	event.Event
	N       int64 // the feed number, dense over the whole database, from 1
	Attempt int   // in the hands of a handler: 1 for the first try; 0 from Feed
}

// Page is a part of the feed.
type Page struct {
	Events []Delivery // by feed number
	Next   int64      // read on after this one: everything up to it has been looked at
}

// everyone stands for all tenants; no tenant has this number.
const everyone int32 = 0

// Feed reads the events of one tenant behind the feed number after, at most limit of them. A page without events whose Next
// is after is the end of the feed for now. Faults: Unavailable, TimedOut.
func Feed(ctx context.Context, d *db.DB, tenant int32, after int64, limit int) (Page, error) {
	for {
		page, err := feed(ctx, d, tenant, after, limit)
		if err != nil || len(page.Events) > 0 || page.Next == after {
			return page, err
		}
		after = page.Next // a stretch of other tenants' events
	}
}

func feed(ctx context.Context, d *db.DB, tenant int32, after int64, limit int) (page Page, err error) {
	err = d.Read(ctx, func(t db.Tx) error {
		if t.Dialect() == db.SQLite {
			page, err = feedSQLite(ctx, t, tenant, after, limit)
		} else {
			page, err = feedPostgres(ctx, t, tenant, after, limit)
		}
		return err
	})
	return page, err
}

const eventColumns = `o.change, o.tenant, o.name, o.type, o.id, o.rid, o.version, o.replayed, o.at, o.payload`

// deliveryAt reads eventColumns from column i on; N is the change number until it is known better.
func deliveryAt(r db.Row, i int) Delivery {
	e := Delivery{N: r.Int64(i), Event: event.Event{
		Tenant: r.Int32(i + 1), Name: r.Text(i + 2), Type: r.Text(i + 3), ID: r.Text(i + 4), RID: r.Int64(i + 5),
		Version: int(r.Int64(i + 6)), Replayed: r.Bool(i + 7), At: time.UnixMicro(r.Int64(i + 8)).UTC(), Payload: r.Bytes(i + 9),
	}}
	if r.IsNull(i + 3) {
		e.Type, _ = event.Split(e.Name)
	}
	return e
}

var sqliteFeed = struct{ all, tenant db.Text }{
	all:    db.Text{SQLite: `SELECT ` + eventColumns + ` FROM outbox o WHERE o.change > $1 ORDER BY o.change LIMIT $2`},
	tenant: db.Text{SQLite: `SELECT ` + eventColumns + ` FROM outbox o WHERE o.tenant = $3 AND o.change > $1 ORDER BY o.change LIMIT $2`},
}

func feedSQLite(ctx context.Context, t db.Tx, tenant int32, after int64, limit int) (Page, error) {
	page := Page{Next: after}
	stmt, args := sqliteFeed.all, []any{after, limit}
	if tenant != everyone {
		stmt, args = sqliteFeed.tenant, append(args, tenant)
	}
	err := t.Pipeline(ctx, func(p *db.Pipe) {
		p.Query(stmt, args, func(r db.Row) error {
			page.Events = append(page.Events, deliveryAt(r, 0))
			return nil
		})
		p.Query(newest, nil, func(r db.Row) error {
			page.Next = max(after, r.Int64(0))
			return nil
		})
	})
	return page.cut(limit), err
}

// cut keeps at most limit events; a full page has looked no further than its last event.
func (p Page) cut(limit int) Page {
	if len(p.Events) >= limit && limit > 0 {
		p.Events = p.Events[:limit]
		p.Next = p.Events[limit-1].N
	}
	return p
}

// The runs that a page may need: that which holds the number behind after, and those behind it.
var runsBehind = db.Text{Postgres: `SELECT first, change, count FROM outbox_run
	WHERE first >= (SELECT coalesce(max(first), 0) FROM outbox_run WHERE first <= $1 + 1) AND first + count > $1 + 1
	ORDER BY first LIMIT $2`}

var eventsOfRuns = struct{ all, tenant db.Text }{
	all: db.Text{Postgres: `SELECT r.i - 1, ` + eventColumns + `
		FROM unnest($1::int8[], $2::int8[]) WITH ORDINALITY AS r (low, high, i)
		JOIN outbox o ON o.change BETWEEN r.low AND r.high`},
	tenant: db.Text{Postgres: `SELECT r.i - 1, ` + eventColumns + `
		FROM unnest($1::int8[], $2::int8[], $3::int4[]) WITH ORDINALITY AS r (low, high, tenant, i)
		JOIN outbox o ON o.tenant = r.tenant AND o.change BETWEEN r.low AND r.high`},
}

// stretch is how many times its limit a page of one tenant may look at: far enough to find a tenant with few events, not so
// far that it reads the whole feed in one transaction.
const stretch = 20

func feedPostgres(ctx context.Context, t db.Tx, tenant int32, after int64, limit int) (Page, error) {
	page := Page{Next: after}
	runs, err := readRuns(ctx, t, after, limit)
	if err != nil || len(runs) == 0 {
		return page, err
	}
	window := int64(limit)
	if tenant != everyone {
		window *= stretch
	}
	runs = within(runs, after, window)
	page.Next = runs[len(runs)-1].next() - 1
	page.Events, err = readRunEvents(ctx, t, tenant, runs)
	return page.cut(limit), err
}

func readRuns(ctx context.Context, t db.Tx, after int64, limit int) (runs []run, err error) {
	err = t.Query(ctx, runsBehind, []any{after, limit}, func(r db.Row) error {
		runs = append(runs, run{r.Int64(0), r.Int64(1), r.Int64(2)})
		return nil
	})
	return runs, err
}

// within cuts the runs to the feed numbers behind after, at most n of them.
func within(runs []run, after, n int64) []run {
	if done := after + 1 - runs[0].first; done > 0 {
		runs[0] = run{runs[0].first + done, runs[0].change + done, runs[0].count - done}
	}
	for i := range runs {
		if runs[i].count >= n {
			runs[i].count = n
			return runs[:i+1]
		}
		n -= runs[i].count
	}
	return runs
}

func readRunEvents(ctx context.Context, t db.Tx, tenant int32, runs []run) (events []Delivery, err error) {
	low, high, tenants := make([]int64, len(runs)), make([]int64, len(runs)), make([]int32, len(runs))
	for i, r := range runs {
		low[i], high[i], tenants[i] = r.change, r.end(), tenant
	}
	stmt, cols := eventsOfRuns.all, []any{low, high}
	if tenant != everyone {
		stmt, cols = eventsOfRuns.tenant, append(cols, tenants)
	}
	err = t.EachQuery(ctx, stmt, func(r db.Row) error {
		e, of := deliveryAt(r, 1), runs[r.Int64(0)]
		e.N += of.first - of.change
		events = append(events, e)
		return nil
	}, cols...)
	slices.SortFunc(events, func(a, b Delivery) int { return cmp.Compare(a.N, b.N) })
	return events, err
}
