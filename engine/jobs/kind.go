package jobs

import (
	"context"
	"errors"
	"log/slog"
	"time"
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
