package jobs

import (
	"context"
	"time"

	"github.com/ficushealth/ficus/engine/db"
)

// keepAlive extends the leases of the jobs under way, writes their progress down and hears who is to be cancelled. If the
// database is away for longer than a lease, all jobs are stopped, because others may run them by now.
func (r *Runner) keepAlive(ctx context.Context) {
	ticker := time.NewTicker(r.o.Beat)
	defer ticker.Stop()
	last := r.q.now()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		began := r.q.now()
		if r.tell(ctx, "leases of jobs cannot be extended", r.beat(ctx)) {
			last = began
		} else if r.q.now().Sub(last) > r.o.Lease {
			r.stopAll(ErrLost)
		}
	}
}

func (r *Runner) beat(ctx context.Context) error {
	jobs := r.underWay()
	if len(jobs) == 0 {
		return nil
	}
	until := r.q.now().Add(r.o.Lease).UnixMicro()
	n := len(jobs)
	ids, leases, untils := make([]int64, n), make([]string, n), make([]int64, n)
	done, total, notes := make([]int64, n), make([]int64, n), make([]string, n)
	for i, j := range jobs {
		p := j.far()
		ids[i], leases[i], untils[i] = j.ID, j.lease, until
		done[i], total[i], notes[i] = p.done, p.total, p.note
	}
	kept := make([]bool, n)
	cancelled := make([]bool, n)
	err := r.q.d.Write(ctx, func(tx db.Tx) error {
		return tx.EachQuery(ctx, beat, func(row db.Row) error {
			i := row.Int64(0)
			kept[i], cancelled[i] = true, row.Bool(1)
			return nil
		}, ids, leases, untils, done, total, notes)
	})
	if err != nil {
		return err
	}
	for i, j := range jobs {
		switch {
		case !kept[i]:
			j.stop(ErrLost) // has no effect on a job that ended meanwhile
		case cancelled[i]:
			j.stop(ErrCancelled)
		}
	}
	return nil
}

func (r *Runner) underWay() []*Job {
	r.mu.Lock()
	defer r.mu.Unlock()
	jobs := make([]*Job, 0, len(r.running))
	for j := range r.running {
		jobs = append(jobs, j)
	}
	return jobs
}
