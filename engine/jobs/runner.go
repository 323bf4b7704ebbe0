package jobs

import (
	"context"
	"sync"
	"time"

	"github.com/ficushealth/ficus/fault"
)

// Runner does the jobs of a queue. Several runners, in one process or many, may work on one database.
type Runner struct {
	q     *Queue
	o     Options
	kinds map[string]Kind
	names []string

	mu      sync.Mutex
	running map[*Job]struct{}
	freed   chan struct{} // a job has ended
	wait    sync.WaitGroup
}

// NewRunner makes a runner for the kinds. Faults: Internal for a kind without name or function, or two of one name.
func NewRunner(q *Queue, kinds []Kind, o Options) (*Runner, error) {
	r := &Runner{q: q, o: o.withDefaults(), kinds: map[string]Kind{}, running: map[*Job]struct{}{}, freed: make(chan struct{}, 1)}
	for _, k := range kinds {
		if _, twice := r.kinds[k.Name]; twice || k.Name == "" || k.Do == nil {
			return nil, fault.New(fault.Internal, "the job kind %q is there twice or has no function", k.Name)
		}
		r.kinds[k.Name] = k
		r.names = append(r.names, k.Name)
	}
	return r, nil
}

// Run works until ctx ends, and returns when the jobs under way have. It survives a database that goes away.
func (r *Runner) Run(ctx context.Context) {
	background := context.WithoutCancel(ctx)
	beats, stopBeats := context.WithCancel(background)
	var beating sync.WaitGroup
	beating.Go(func() { r.keepAlive(beats) })
	periods := false
	for ctx.Err() == nil {
		periods = periods || r.tell(ctx, "periodic jobs cannot be set up", r.setPeriods(ctx))
		r.tell(ctx, "jobs cannot be claimed", r.claim(ctx, background))
		r.pause(ctx)
	}
	r.stopAll(ErrStopping)
	r.wait.Wait()
	stopBeats()
	beating.Wait()
}

// tell logs an error, unless it comes from the end of ctx, and reports whether there was none.
func (r *Runner) tell(ctx context.Context, what string, err error) bool {
	if err != nil && ctx.Err() == nil {
		r.o.Log.Error(what, "error", err)
	}
	return err == nil
}

func (r *Runner) pause(ctx context.Context) {
	timer := time.NewTimer(r.o.Poll)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-r.q.wake:
	case <-r.freed:
	case <-timer.C:
	}
}

func (r *Runner) stopAll(why error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for j := range r.running {
		j.stop(why)
	}
}
