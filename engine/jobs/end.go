package jobs

import (
	"context"
	"errors"
	"time"

	"github.com/ficushealth/ficus/engine/db"
)

// ending is what becomes of a job after a run.
type ending struct {
	state    State
	runAt    time.Time
	attempt  int
	err      error
	finished bool
}

// end writes down what became of a run. If the database is away, it tries until the lease is over; then the job runs
// again.
func (r *Runner) end(ctx context.Context, j *Job, err error) {
	cause := context.Cause(ctx)
	e := r.ending(j, err, cause)
	if e.err != nil {
		r.o.Log.Warn("a job failed", "kind", j.Kind, "job", j.ID, "tenant", j.Tenant, "state", string(e.state), "error", e.err)
	}
	ctx = context.WithoutCancel(ctx)
	patience := r.o.Lease
	if errors.Is(cause, ErrStopping) {
		patience = r.o.Beat
	}
	for deadline := r.q.now().Add(patience); ; {
		err := r.write(ctx, j, e)
		if err == nil {
			return
		}
		r.o.Log.Error("the end of a job cannot be written down", "kind", j.Kind, "job", j.ID, "error", err)
		if r.q.now().After(deadline) {
			return
		}
		time.Sleep(r.o.Beat)
	}
}

func (r *Runner) ending(j *Job, err, cause error) ending {
	now, tries := r.q.now(), j.tries()
	var last final
	switch {
	case err == nil:
		return r.over(j, Done, nil, now)
	case errors.Is(cause, ErrStopping), errors.Is(cause, ErrLost):
		return ending{state: Waiting, runAt: now, attempt: max(tries-1, 0)}
	case errors.Is(cause, ErrCancelled):
		return r.over(j, Cancelled, nil, now)
	case errors.As(err, &last), tries >= j.attempts:
		return r.over(j, Failed, err, now)
	}
	return ending{state: Waiting, runAt: now.Add(r.o.Backoff(max(tries, 1))), attempt: tries, err: err}
}

// over is the end of a job, or of one turn of a periodic job, which waits for the next.
func (r *Runner) over(j *Job, s State, err error, now time.Time) ending {
	if j.every == 0 {
		return ending{state: s, runAt: j.runAt, attempt: j.tries(), err: err, finished: true}
	}
	turns := max(now.Sub(j.runAt), 0)/j.every + 1
	return ending{state: Waiting, runAt: j.runAt.Add(turns * j.every), err: err, finished: true}
}

func (r *Runner) write(ctx context.Context, j *Job, e ending) error {
	p, text := j.far(), ""
	if e.err != nil {
		text = e.err.Error()
	}
	finished := db.Null[int64]{V: r.q.now().UnixMicro(), OK: e.finished}
	_, err := r.q.d.Exec(ctx, finish, j.ID, j.lease, string(e.state), e.runAt.UnixMicro(), e.attempt, text,
		p.done, p.total, p.note, finished, e.state == Waiting && e.finished)
	return err
}
