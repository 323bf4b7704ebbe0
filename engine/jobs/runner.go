package jobs

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"sync"
	"time"

	"github.com/ficushealth/ficus/engine/db"
	"github.com/ficushealth/ficus/fault"
)

// Kind is work that a runner can do.
type Kind struct {
	Name     string
	Do       func(ctx context.Context, j *Job) error // an error is tried again, unless it is wrapped by Final
	Every    time.Duration                           // if not 0, one job of tenant 0 runs at this period
	Attempts int                                     // of the periodic job; 0 is 5
}

// Options tunes a runner; every zero value works.
type Options struct {
	Workers int                             // jobs that run at a time; 0 is 2
	Lease   time.Duration                   // how long a dead process keeps its jobs; 0 is 30 s
	Beat    time.Duration                   // between heartbeats; 0 is a fifteenth of the lease
	Poll    time.Duration                   // how often to look for work that other processes have enqueued; 0 is 1 s
	Backoff func(attempt int) time.Duration // pause after the failure number attempt, from 1; nil doubles from 1 s to 1 h
	Log     *slog.Logger                    // nil is slog.Default
}

func (o Options) withDefaults() Options {
	if o.Workers == 0 {
		o.Workers = 2
	}
	if o.Lease == 0 {
		o.Lease = 30 * time.Second
	}
	if o.Beat == 0 {
		o.Beat = o.Lease / 15
	}
	if o.Poll == 0 {
		o.Poll = time.Second
	}
	if o.Backoff == nil {
		o.Backoff = doubling
	}
	if o.Log == nil {
		o.Log = slog.Default()
	}
	return o
}

func doubling(attempt int) time.Duration {
	return min(time.Second<<min(max(attempt, 1)-1, 20), time.Hour)
}

// The reasons for which the context of a job ends (context.Cause).
var (
	ErrCancelled = errors.New("the job was cancelled")
	ErrStopping  = errors.New("the process is stopping")
	ErrLost      = errors.New("another runner may have taken the job over")
)

type final struct{ error }

func (f final) Unwrap() error { return f.error }

// Final marks an error that no other attempt can mend.
func Final(err error) error { return final{err} }

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

// setPeriods brings the table in line with the periods of the kinds.
func (r *Runner) setPeriods(ctx context.Context) error {
	return r.q.d.Write(ctx, func(tx db.Tx) error {
		for _, name := range r.names {
			if err := r.setPeriod(ctx, tx, r.kinds[name]); err != nil {
				return err
			}
		}
		return nil
	})
}

func (r *Runner) setPeriod(ctx context.Context, tx db.Tx, k Kind) error {
	if k.Every == 0 {
		_, err := tx.Exec(ctx, dropPeriod, k.Name, periodic)
		return err
	}
	attempts := k.Attempts
	if attempts == 0 {
		attempts = 5
	}
	row := r.q.row(Order{Kind: k.Name, Key: periodic, Attempts: attempts}, k.Every)
	if err := tx.Query(ctx, insertJob, row, func(db.Row) error { return nil }); err != nil {
		return err
	}
	latest := r.q.now().Add(k.Every).UnixMicro()
	_, err := tx.Exec(ctx, keepPeriod, k.Name, periodic, k.Every.Microseconds(), attempts, latest)
	return err
}

// periodic is the key of periodic jobs, so that each kind has one.
const periodic = "periodic"

func (r *Runner) free() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.o.Workers - len(r.running)
}

// claim starts as many due jobs as there are free workers.
func (r *Runner) claim(ctx, background context.Context) error {
	free := r.free()
	if free <= 0 || len(r.names) == 0 {
		return nil
	}
	if due, err := r.due(ctx); err != nil || !due {
		return err
	}
	now := r.q.now()
	lease := rand.Text()
	var jobs []*Job
	err := r.q.d.Write(ctx, func(tx db.Tx) error {
		args := []any{lease, now.Add(r.o.Lease).UnixMicro(), now.UnixMicro(), r.names, free}
		return tx.Query(ctx, claim, args, func(row db.Row) error {
			jobs = append(jobs, scanJob(row, lease))
			return nil
		})
	})
	if err != nil {
		return err
	}
	for _, j := range jobs {
		r.start(background, j)
	}
	return nil
}

func (r *Runner) due(ctx context.Context) (due bool, err error) {
	err = r.q.d.Query(ctx, anyDue, []any{r.q.now().UnixMicro(), r.names}, func(row db.Row) error {
		due = row.Bool(0)
		return nil
	})
	return due, err
}

func scanJob(r db.Row, lease string) *Job {
	return &Job{
		ID: r.Int64(0), Tenant: r.Int32(1), Kind: r.Text(2), Payload: r.Bytes(3), checkpoint: r.Bytes(4),
		attempt: int(r.Int64(5)), attempts: int(r.Int64(6)), cancel: r.Bool(7),
		runAt: time.UnixMicro(r.Int64(8)), every: time.Duration(r.Int64(9)) * time.Microsecond,
		progress: progress{r.Int64(10), r.Int64(11), r.Text(12)}, lease: lease,
	}
}

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

func (r *Runner) stopAll(why error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for j := range r.running {
		j.stop(why)
	}
}
