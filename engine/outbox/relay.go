package outbox

import (
	"context"
	"crypto/rand"
	"log/slog"
	"sync"
	"time"

	"github.com/ficushealth/ficus/engine/db"
	"github.com/ficushealth/ficus/fault"
)

// Options tunes a relay; every zero value works.
type Options struct {
	Now      func() time.Time                // nil is time.Now
	Log      *slog.Logger                    // nil is slog.Default
	Attempts int                             // tries of one event before it is put aside; 0 is 10
	Patience time.Duration                   // longest run of a handler for one event; 0 is 20 s
	Lease    time.Duration                   // PostgreSQL: how long a dead process keeps its handlers; 0 is 60 s, longer than Patience
	Backoff  func(attempt int) time.Duration // pause after the failure number attempt, from 1; nil doubles from 200 ms to 5 min
}

func (o Options) withDefaults() Options {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Log == nil {
		o.Log = slog.Default()
	}
	if o.Attempts == 0 {
		o.Attempts = 10
	}
	if o.Patience == 0 {
		o.Patience = 20 * time.Second
	}
	o.Lease = max(o.Lease, 3*o.Patience)
	if o.Backoff == nil {
		o.Backoff = doubling
	}
	return o
}

func doubling(attempt int) time.Duration {
	return min(100*time.Millisecond<<min(attempt, 20), 5*time.Minute)
}

// Relay hands events to handlers. Several processes may run the same handlers on one database: each handler works in one
// of them at a time, under a lease.
type Relay struct {
	d        *db.DB
	seq      *Sequencer
	handlers []Handler
	o        Options
	holder   string // this relay, in leases
}

// NewRelay joins the handlers to the feed that seq numbers. Faults: Internal for two handlers of one name, or one without
// name or function.
func NewRelay(d *db.DB, seq *Sequencer, handlers []Handler, o Options) (*Relay, error) {
	seen := map[string]bool{}
	for _, h := range handlers {
		if h.Name == "" || h.Do == nil || seen[h.Name] {
			return nil, fault.New(fault.Internal, "the event handler %q has no function or its name is taken", h.Name)
		}
		seen[h.Name] = true
	}
	return &Relay{d: d, seq: seq, handlers: handlers, o: o.withDefaults(), holder: rand.Text()}, nil
}

// Run delivers until the context ends, each handler at its own speed, and returns when the last call has come back.
// A failing delivery is logged.
func (r *Relay) Run(ctx context.Context) {
	var all sync.WaitGroup
	for _, h := range r.handlers {
		all.Go(func() { (&worker{Relay: r, h: h}).run(ctx) })
	}
	all.Wait()
}
