package alert

import (
	"context"
	"embed"
	"encoding/json"
	"errors"
	"log/slog"
	"maps"
	"slices"
	"time"

	"github.com/ficushealth/ficus/engine/access"
	"github.com/ficushealth/ficus/engine/audit"
	"github.com/ficushealth/ficus/engine/db"
	"github.com/ficushealth/ficus/engine/outbox"
	"github.com/ficushealth/ficus/engine/store"
	"github.com/ficushealth/ficus/event"
)

//go:embed schema
var schema embed.FS

// Migrate brings the table of the watcher up to date. Faults: as db.Migrate.
func Migrate(ctx context.Context, d *db.DB) error { return Schema().Migrate(ctx, d) }

// Schema is what the watcher has in the database.
func Schema() db.Schema {
	return db.Schema{Module: "alert", Files: schema, Tables: []db.Table{{Name: "alert_watch"}}}
}

// Alerted is the name of the event.
const Alerted = "Audit.Alerted"

// Watcher follows the audit of all tenants.
type Watcher struct {
	DB      *db.DB
	Log     *audit.Log // has an entry for each event
	Now     func() time.Time
	Tenants func(ctx context.Context) ([]int32, error)
	Rules   func(ctx context.Context, tenant int32) ([]Rule, error)
	// About finds out what rules want to know of patients.
	About  func(ctx context.Context, tenant int32, patients []string) (About, error)
	Every  time.Duration // between passes of Run; 0 is two seconds
	Errors *slog.Logger
}

// Run watches until the context ends. A pass that fails is told and tried again.
func (w *Watcher) Run(ctx context.Context) {
	every := w.Every
	if every == 0 {
		every = 2 * time.Second
	}
	tick := time.NewTicker(every)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			if err := w.Pass(ctx); err != nil && ctx.Err() == nil {
				w.Errors.Error("the audit was not watched", slog.Any("error", err))
			}
		}
	}
}

// Pass looks at what is new in the audit of each tenant.
func (w *Watcher) Pass(ctx context.Context) error {
	tenants, err := w.Tenants(ctx)
	for _, t := range tenants {
		err = errors.Join(err, w.tenant(ctx, t))
	}
	return err
}

func (w *Watcher) tenant(ctx context.Context, tenant int32) error {
	rules, err := w.Rules(ctx, tenant)
	if err != nil {
		return err
	}
	if err := w.Log.Ready(tenant); err != nil {
		return err
	}
	for {
		p, err := w.look(ctx, tenant)
		if err != nil || p == nil {
			return err
		}
		if err := w.judge(ctx, p, rules); err != nil {
			return err
		}
		if err := w.keep(ctx, p); err != nil {
			return err
		}
	}
}

// portion is a part of the audit on its way through the rules.
type portion struct {
	tenant   int32
	from, to int64 // the last block before it, and its own
	state    state
	found    []audit.Found
	alerts   []Alert
}

// blocksAtOnce bounds a portion.
const blocksAtOnce = 32

var watch = struct{ begin, get, move db.Text }{
	begin: db.Same(`INSERT INTO alert_watch (tenant, n, state) VALUES ($1, $2, $3) ON CONFLICT (tenant) DO NOTHING`),
	get:   db.Same(`SELECT n, state FROM alert_watch WHERE tenant = $1`),
	move:  db.Same(`UPDATE alert_watch SET n = $2, state = $3 WHERE tenant = $1 AND n = $4`),
}

// look reads the next portion; nil: there is nothing new. Who watches for the first time begins with what comes from now on.
func (w *Watcher) look(ctx context.Context, tenant int32) (p *portion, err error) {
	known := false
	err = w.DB.Read(ctx, func(t db.Tx) error {
		next := &portion{tenant: tenant}
		var text []byte
		err := t.Query(ctx, watch.get, []any{tenant}, func(r db.Row) error {
			known, next.from, text = true, r.Int64(0), r.Bytes(1)
			return nil
		})
		if err != nil || !known {
			return err
		}
		if next.state, err = readState(text); err != nil {
			return err
		}
		if next.found, next.to, err = audit.Sealed(ctx, t, tenant, next.from, blocksAtOnce); err == nil && next.to > next.from {
			p = next
		}
		return err
	})
	if err == nil && !known {
		err = w.begin(ctx, tenant)
	}
	return p, err
}

func (w *Watcher) begin(ctx context.Context, tenant int32) error {
	return w.DB.Write(ctx, func(t db.Tx) error {
		head, err := audit.LastBlock(ctx, t, tenant)
		if err != nil {
			return err
		}
		_, err = t.Exec(ctx, watch.begin, tenant, head, []byte("{}"))
		return err
	})
}

// judge puts the entries through the rules.
func (w *Watcher) judge(ctx context.Context, p *portion, rules []Rule) error {
	about, err := w.About(ctx, p.tenant, patientsOf(p.found))
	if err != nil {
		return err
	}
	latest := time.Time{}
	for i := range p.found {
		e := &p.found[i]
		for _, r := range rules {
			p.alerts = append(p.alerts, p.state.see(r, e, about)...)
		}
		if e.At.After(latest) {
			latest = e.At
		}
	}
	p.state.tidy(rules, latest)
	return nil
}

func patientsOf(found []audit.Found) []string {
	ids := map[string]bool{}
	for i := range found {
		if seen(&found[i]) {
			for _, id := range found[i].Patients {
				ids[id] = true
			}
		}
	}
	return slices.Sorted(maps.Keys(ids))
}

// keep writes events, their entry, and how far the watcher is, in one transaction; nothing if another process was there first.
func (w *Watcher) keep(ctx context.Context, p *portion) error {
	text, err := json.Marshal(p.state)
	if err != nil {
		return err
	}
	events, entry, err := p.events(w.Now())
	if err != nil {
		return err
	}
	return w.DB.Write(ctx, func(t db.Tx) error {
		n, err := t.Exec(ctx, watch.move, p.tenant, p.to, text, p.from)
		if err != nil || n == 0 {
			return err
		}
		return t.Last(ctx, func(pipe *db.Pipe) {
			outbox.Append(ctx, pipe, events) //nolint:errcheck // it is that of the transaction
			if len(events) > 0 {
				w.Log.Append(ctx, pipe, []audit.Entry{entry}) //nolint:errcheck // as well
			}
		})
	})
}

// events of the alerts, and the entry that says that they were emitted.
func (p *portion) events(now time.Time) (events []event.Event, entry audit.Entry, err error) {
	entry = audit.Of(access.Inside(p.tenant, "alerts"), "emit", now)
	thing, _ := event.Split(Alerted)
	for _, a := range p.alerts {
		payload, err := json.Marshal(a)
		if err != nil {
			return nil, entry, err
		}
		e := event.Event{Tenant: p.tenant, Name: Alerted, Type: thing, ID: a.Rule + "." + a.Entry, At: a.At, Payload: payload}
		if len(a.Things) == 1 {
			e.ID += "." + a.Things[0]
		}
		events = append(events, e)
		entry.Things = append(entry.Things, audit.Thing{Type: e.Type, ID: e.ID, Mark: store.EventMark(&e)})
	}
	return events, entry, nil
}
