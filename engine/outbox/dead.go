package outbox

import (
	"context"
	"time"

	"github.com/ficushealth/ficus/engine/db"
	"github.com/ficushealth/ficus/fault"
)

// Dead is a delivery that was given up.
type Dead struct {
	Tenant   int32
	Handler  string
	N        int64 // feed number of the event
	Attempts int
	Reason   string // kind and text of the last fault; "internal" for an error that is none
	At       time.Time
}

var dead = struct{ list, remove db.Text }{
	list:   db.Same(`SELECT tenant, handler, n, attempts, reason, at FROM outbox_dead WHERE tenant = $1 ORDER BY handler, n`),
	remove: db.Same(`DELETE FROM outbox_dead WHERE tenant = $1 AND handler = $2 AND n = $3`),
}

// DeadLetters lists the deliveries of a tenant that were given up, by handler and feed number.
func DeadLetters(ctx context.Context, d *db.DB, tenant int32) (list []Dead, err error) {
	err = d.Query(ctx, dead.list, []any{tenant}, func(r db.Row) error {
		list = append(list, Dead{r.Int32(0), r.Text(1), r.Int64(2), int(r.Int64(3)), r.Text(4), time.UnixMicro(r.Int64(5)).UTC()})
		return nil
	})
	return list, err
}

// Redeliver hands a given-up event to its handler once more and, if that succeeds, strikes it off the list. It is called
// outside of the order of the feed. Faults: Unknown if there is no such delivery or handler; else what the handler says.
func (r *Relay) Redeliver(ctx context.Context, letter Dead) error {
	page, err := feed(ctx, r.d, letter.Tenant, letter.N-1, 1)
	if err != nil {
		return err
	}
	for _, h := range r.handlers {
		if h.Name != letter.Handler || len(page.Events) == 0 || page.Events[0].N != letter.N {
			continue
		}
		e := page.Events[0]
		e.Attempt = letter.Attempts + 1
		if err := (&worker{Relay: r, h: h}).do(ctx, e); err != nil {
			return err
		}
		_, err := r.d.Exec(ctx, dead.remove, letter.Tenant, letter.Handler, letter.N)
		return err
	}
	return fault.New(fault.Unknown, "there is no event %d to hand to %q", letter.N, letter.Handler)
}
