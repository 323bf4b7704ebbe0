package outbox

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/ficushealth/ficus/fault"
)

// worker runs one handler.
type worker struct {
	*Relay
	h      Handler
	at     cursor
	worked bool      // the handler was called since the place was written down
	saved  int64     // the place that the database knows
	since  time.Time // when it was told
}

const (
	pageSize = 200
	lazy     = 2 * time.Second // a place reached without work is written down this late
)

func (w *worker) run(ctx context.Context) {
	for ctx.Err() == nil {
		_, moved := w.seq.Head()
		pause, err := w.step(ctx)
		if err != nil && ctx.Err() == nil {
			w.o.Log.Error("events are not delivered", "handler", w.h.Name, "error", err)
			w.at, pause = cursor{}, max(pause, time.Second)
		}
		await(ctx, pause, moved)
	}
	w.leave(context.WithoutCancel(ctx))
}

// await waits for the pause, or, if there is none, until the feed moves on; then it looks again after a while all the same.
func await(ctx context.Context, pause time.Duration, moved <-chan struct{}) {
	if pause > 0 {
		moved = nil
	} else {
		pause = lazy
	}
	timer := time.NewTimer(pause)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-moved:
	case <-timer.C:
	}
}

// again asks run to step at once.
const again = time.Nanosecond

// step delivers one page. pause is the time until the next step; 0 is until the feed moves on.
func (w *worker) step(ctx context.Context) (pause time.Duration, err error) {
	if mine, err := w.hold(ctx); err != nil || !mine {
		return w.o.Lease / 2, err
	}
	if wait := w.at.retryAt.Sub(w.o.Now()); wait > 0 {
		return wait, nil
	}
	page, err := feed(ctx, w.d, everyone, w.at.n, pageSize)
	if err != nil {
		return 0, err
	}
	if all, err := w.deliver(ctx, page.Events); err != nil || !all {
		return again, err
	}
	more := page.Next > w.at.n || len(page.Events) > 0
	w.at.n = max(w.at.n, page.Next)
	if err := w.note(ctx); err != nil || !more {
		return 0, err
	}
	return again, nil
}

// deliver hands over the events that the handler wants. all is false if it stopped at a failure or lost the lease.
func (w *worker) deliver(ctx context.Context, events []Delivery) (all bool, err error) {
	for _, e := range events {
		if !w.h.wants(e.Event) {
			w.at.n = e.N
			continue
		}
		if kept, err := w.renew(ctx); err != nil || !kept {
			return false, err
		}
		e.Attempt = w.at.attempts + 1
		if failure := w.do(ctx, e); failure != nil {
			return false, w.fail(ctx, e, failure)
		}
		w.at.n, w.at.attempts, w.worked = e.N, 0, true
	}
	return true, nil
}

// note writes the place down: at once after work, and lazily after events that the handler did not want.
func (w *worker) note(ctx context.Context) error {
	if w.worked || w.at.n > w.saved && w.o.Now().Sub(w.since) > lazy {
		return w.save(ctx)
	}
	return nil
}

// do calls the handler. A panic is its failure, not that of the relay.
func (w *worker) do(ctx context.Context, e Delivery) (err error) {
	ctx, cancel := context.WithTimeout(ctx, w.o.Patience)
	defer cancel()
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v", p)
		}
	}()
	return w.h.Do(ctx, e)
}

// fail notes a failure: the event is tried again later, or put aside when it was tried often enough. A handler that was
// stopped by the end of the program has not failed.
func (w *worker) fail(ctx context.Context, e Delivery, failure error) error {
	if ctx.Err() != nil {
		return errors.Join(ctx.Err(), failure)
	}
	w.at.attempts = e.Attempt
	w.o.Log.Warn("an event was not handled", "handler", w.h.Name, "event", e.Name, "n", e.N, "attempt", e.Attempt, "error", failure)
	if e.Attempt >= w.o.Attempts && fault.Of(failure) != fault.Unavailable {
		return w.bury(ctx, e, failure)
	}
	w.at.retryAt = w.o.Now().Add(w.o.Backoff(e.Attempt))
	return w.save(ctx)
}
