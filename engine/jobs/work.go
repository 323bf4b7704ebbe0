package jobs

import (
	"context"
	"fmt"
	"runtime/debug"

	"github.com/ficushealth/ficus/fault"
)

func (r *Runner) start(ctx context.Context, j *Job) {
	ctx, j.stop = context.WithCancelCause(ctx)
	r.mu.Lock()
	r.running[j] = struct{}{}
	r.mu.Unlock()
	r.wait.Go(func() {
		err := r.do(ctx, j)
		r.end(ctx, j, err)
		j.stop(nil)
		r.mu.Lock()
		delete(r.running, j)
		r.mu.Unlock()
		select {
		case r.freed <- struct{}{}:
		default:
		}
	})
}

// do runs the job's function, unless the job was claimed only to be buried.
func (r *Runner) do(ctx context.Context, j *Job) (err error) {
	if j.cancel {
		j.stop(ErrCancelled)
		return ErrCancelled
	}
	if j.attempt > j.attempts {
		return Final(fault.New(fault.Internal, "its process ended %d times while it ran", j.attempts))
	}
	defer func() {
		if v := recover(); v != nil {
			r.o.Log.Error("a job panicked", "kind", j.Kind, "job", j.ID, "panic", fmt.Sprintf("%T", v), "stack", string(debug.Stack()))
			err = fault.New(fault.Internal, "the job panicked")
		}
	}()
	return r.kinds[j.Kind].Do(ctx, j)
}
