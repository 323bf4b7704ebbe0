package jobs

import (
	"context"
	"crypto/rand"
	"time"

	"github.com/ficushealth/ficus/engine/db"
)

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
