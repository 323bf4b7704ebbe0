package outbox

import (
	"context"
	"time"

	"github.com/ficushealth/ficus/engine/db"
	"github.com/ficushealth/ficus/fault"
)

// cursor is the place of a handler in the feed. The zero cursor is not known yet.
type cursor struct {
	n        int64 // last feed number done
	attempts int   // failures at the event behind n
	retryAt  time.Time
	until    time.Time // end of the lease
}

var place = struct{ begin, claim, save, bury db.Text }{
	begin: db.Same(`INSERT INTO outbox_cursor (handler, n) VALUES ($1, $2) ON CONFLICT (handler) DO NOTHING`),
	claim: db.Same(`UPDATE outbox_cursor SET holder = $2, until = $3 WHERE handler = $1 AND (holder = $2 OR until < $4)
		RETURNING n, attempts, retry_at`),
	save: db.Same(`UPDATE outbox_cursor SET n = $3, attempts = $4, retry_at = $5, until = $6 WHERE handler = $1 AND holder = $2`),
	bury: db.Same(`INSERT INTO outbox_dead (tenant, handler, n, attempts, reason, at) VALUES ($1, $2, $3, $4, $5, $6)
		ON CONFLICT (tenant, handler, n) DO UPDATE SET attempts = excluded.attempts, reason = excluded.reason, at = excluded.at`),
}

// hold makes sure that this worker has the lease.
func (w *worker) hold(ctx context.Context) (bool, error) {
	if kept, err := w.renew(ctx); kept || err != nil {
		return kept, err
	}
	return w.claim(ctx)
}

// renew reports whether the worker still has its lease for at least one more call of the handler. A SQLite file belongs to
// one process, so there the lease does not run out.
func (w *worker) renew(ctx context.Context) (kept bool, err error) {
	left := w.at.until.Sub(w.o.Now())
	switch {
	case w.at.until.IsZero():
		return false, nil
	case w.d.Dialect() == db.SQLite || left > w.o.Lease/2:
		return true, nil
	case left > 0:
		return true, w.save(ctx)
	}
	w.at = cursor{}
	return false, nil
}

// claim takes the lease, if it is free, and reads the place from which to go on.
func (w *worker) claim(ctx context.Context) (mine bool, err error) {
	now := w.o.Now()
	until := now.Add(w.o.Lease)
	taken := now.UnixMicro()
	if w.d.Dialect() == db.SQLite {
		taken = until.UnixMicro() + 1 // whoever held the file before is gone
	}
	err = w.d.Write(ctx, func(t db.Tx) error {
		if err := w.begin(ctx, t); err != nil {
			return err
		}
		return t.Query(ctx, place.claim, []any{w.h.Name, w.holder, until.UnixMicro(), taken}, func(r db.Row) error {
			mine = true
			w.at = cursor{n: r.Int64(0), attempts: int(r.Int64(1)), retryAt: time.UnixMicro(r.Int64(2)), until: until}
			return nil
		})
	})
	w.saved, w.since = w.at.n, now
	return mine, err
}

// begin gives a new handler its place.
func (w *worker) begin(ctx context.Context, t db.Tx) error {
	var start int64
	if !w.h.FromStart {
		err := t.Query(ctx, newest, nil, func(r db.Row) error {
			start = r.Int64(0)
			return nil
		})
		if err != nil {
			return err
		}
	}
	_, err := t.Exec(ctx, place.begin, w.h.Name, start)
	return err
}

// save writes the place down and renews the lease. Faults: Conflict if another process has it meanwhile.
func (w *worker) save(ctx context.Context) error {
	return w.d.Write(ctx, func(t db.Tx) error { return w.write(ctx, t) })
}

func (w *worker) write(ctx context.Context, t db.Tx) error {
	until := w.o.Now().Add(w.o.Lease)
	n, err := t.Exec(ctx, place.save, w.h.Name, w.holder, w.at.n, w.at.attempts, w.at.retryAt.UnixMicro(), until.UnixMicro())
	if err != nil {
		return err
	}
	if n == 0 {
		return fault.New(fault.Conflict, "another process took over the event handler %s", w.h.Name)
	}
	w.at.until, w.saved, w.since, w.worked = until, w.at.n, w.o.Now(), false
	return nil
}

// bury puts an event aside and goes on behind it, both or neither.
func (w *worker) bury(ctx context.Context, e Delivery, failure error) error {
	return w.d.Write(ctx, func(t db.Tx) error {
		_, err := t.Exec(ctx, place.bury, e.Tenant, w.h.Name, e.N, e.Attempt, reason(failure), w.o.Now().UnixMicro())
		if err != nil {
			return err
		}
		w.at.n, w.at.attempts, w.at.retryAt = e.N, 0, time.Time{}
		return w.write(ctx, t)
	})
}

// reason is what may be kept of an error: the text of a fault holds no patient data, other texts may.
func reason(err error) string {
	if f := fault.Find(err); f != nil {
		return f.Kind.String() + ": " + f.Text
	}
	return "internal"
}

// leave writes the place down and gives the lease back, so that another process need not wait for its end.
func (w *worker) leave(ctx context.Context) {
	if w.at.until.IsZero() {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	_, err := w.d.Exec(ctx, place.save, w.h.Name, w.holder, w.at.n, w.at.attempts, w.at.retryAt.UnixMicro(), int64(0))
	if err != nil {
		w.o.Log.Warn("the place of an event handler was not written down", "handler", w.h.Name, "error", err)
	}
}
