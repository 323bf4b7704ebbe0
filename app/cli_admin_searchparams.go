package app

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/ficushealth/ficus/engine/jobs"
	"github.com/ficushealth/ficus/engine/store"
	"github.com/ficushealth/ficus/fault"
)

type adminSearchparams struct {
	site
	Now bool `name:"run" help:"Index what is not indexed yet, and return when it is; a server does so by itself."`
}

// Run lists the parameters. Without --run it only looks, so that it can be asked beside the server that does the work.
func (c *adminSearchparams) Run(ctx context.Context, s *Streams) error {
	if c.Now {
		if err := c.index(ctx, s); err != nil {
			return err
		}
	}
	a, err := readAt(ctx, c.Place)
	if err != nil {
		return err
	}
	defer a.Close()
	return a.listParams(ctx, s)
}

func (c *adminSearchparams) index(ctx context.Context, s *Streams) error {
	if err := mustExist(ctx, c.Database); err != nil {
		return err
	}
	return administer(ctx, c.site, func(a *Tenancy) error { return a.indexParams(ctx, s) })
}

func (a *Tenancy) listParams(ctx context.Context, s *Streams) error {
	list, err := store.ListParams(ctx, a.DB, a.Tenant)
	if err != nil {
		return err
	}
	w := tabwriter.NewWriter(s.Out, 0, 8, 2, ' ', 0)
	fmt.Fprintln(w, "CODE\tTYPE\tBASE\tSTATE\tDONE\tFAULTS\tJOB\tRESOURCE") //nolint:errcheck // Flush tells
	for _, p := range list {
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%d/%d\t%d\t%s\tSearchParameter/%s\n", p.Code, p.Type, strings.Join(p.Bases, ","), //nolint:errcheck // Flush tells
			p.State, p.Done, p.Total, p.Faults, a.jobOf(ctx, p), p.Resource)
	}
	return w.Flush()
}

// jobOf says what the job does that works on a parameter.
func (a *Tenancy) jobOf(ctx context.Context, p store.OwnParam) string {
	if p.State == store.Whole {
		return "-"
	}
	if p.Job == 0 {
		return "waiting for a server, or for --run"
	}
	job, err := jobs.NewQueue(a.DB, a.Now).Status(ctx, a.Tenant, p.Job)
	if err != nil {
		return "unknown"
	}
	if job.Error != "" {
		return string(job.State) + ": " + job.Error
	}
	return string(job.State)
}

// shortLease is after what time the work of a command that was killed is taken up by the next.
const shortLease = 3 * time.Second

// indexParams does the jobs of search parameters until no parameter waits.
func (a *Tenancy) indexParams(ctx context.Context, s *Streams) error {
	kinds := slices.DeleteFunc(a.Store.Kinds(), func(k jobs.Kind) bool { return k.Name != store.WalkKind })
	runner, err := jobs.NewRunner(a.Jobs, kinds, jobs.Options{Log: a.Log, Lease: shortLease})
	if err != nil {
		return err
	}
	ctx, stop := context.WithCancel(ctx)
	done := make(chan struct{})
	go func() { defer close(done); runner.Run(ctx) }()
	defer func() { stop(); <-done }()
	job, err := a.Store.Reindex(ctx, a.Tenant)
	bar := newBar(s, "indexing", "resources")
	defer bar.end()
	for err == nil {
		list, failed := a.Store.OwnParams(ctx, a.Tenant)
		i := slices.IndexFunc(list, func(p store.OwnParam) bool { return p.State != store.Whole })
		if failed != nil || i < 0 {
			return failed
		}
		err = a.stands(ctx, bar, job, list[i])
	}
	return err
}

// stands shows how far the job is and waits a moment, unless it has been given up.
func (a *Tenancy) stands(ctx context.Context, bar *bar, job int64, p store.OwnParam) error {
	if p.Job != 0 {
		job = p.Job
	}
	status, err := a.Jobs.Status(ctx, a.Tenant, job)
	switch {
	case err != nil:
		return err
	case status.State == jobs.Failed:
		return fault.New(fault.Internal, "the job that indexes %s was given up: %s", p.Code, status.Error)
	}
	bar.set(status.Done, status.Total)
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(200 * time.Millisecond):
		return nil
	}
}
