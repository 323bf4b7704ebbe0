package jobs

import (
	"context"
	"math"
	"time"

	"github.com/ficushealth/ficus/engine/db"
	"github.com/ficushealth/ficus/fault"
)

// State is where a job stands.
type State string

// The states.
const (
	Waiting   State = "waiting"
	Running   State = "running"
	Done      State = "done"
	Failed    State = "failed"
	Cancelled State = "cancelled"
)

// Status is what is known of a job. A time that has not come is zero.
type Status struct {
	ID          int64
	Tenant      int32
	Kind        string
	State       State
	Cancelling  bool // asked for while it runs
	Attempt     int
	RunAt       time.Time
	Done, Total int64  // progress; a total of 0 is unknown
	Note        string // of the progress
	Error       string // the last failure
	Created     time.Time
	Started     time.Time
	Finished    time.Time
}

// Status tells of one job. Faults: Unknown.
func (q *Queue) Status(ctx context.Context, tenant int32, id int64) (s Status, err error) {
	err = q.d.Query(ctx, oneJob, []any{tenant, id}, func(r db.Row) error {
		s = scanStatus(r)
		return nil
	})
	if err == nil && s.ID == 0 {
		err = unknown(id)
	}
	return s, err
}

// List tells of a tenant's jobs, newest first, at most limit of them, below the id before (0: from the newest).
func (q *Queue) List(ctx context.Context, tenant int32, before int64, limit int) (all []Status, err error) {
	if before == 0 {
		before = math.MaxInt64
	}
	err = q.d.Query(ctx, listJobs, []any{tenant, before, limit}, func(r db.Row) error {
		all = append(all, scanStatus(r))
		return nil
	})
	return all, err
}

func scanStatus(r db.Row) Status {
	return Status{
		ID: r.Int64(0), Tenant: r.Int32(1), Kind: r.Text(2), State: State(r.Text(3)), Attempt: int(r.Int64(4)), RunAt: moment(r, 5),
		Done: r.Int64(6), Total: r.Int64(7), Note: r.Text(8), Error: r.Text(9),
		Created: moment(r, 10), Started: moment(r, 11), Finished: moment(r, 12), Cancelling: r.Bool(13) && r.Text(3) == string(Running),
	}
}

func moment(r db.Row, i int) time.Time {
	if r.IsNull(i) {
		return time.Time{}
	}
	return time.UnixMicro(r.Int64(i)).UTC()
}

// Cancel ends a waiting job at once, and a running one at its next heartbeat. Faults: Unknown; Conflict if it has ended
// already or is a periodic job that waits.
func (q *Queue) Cancel(ctx context.Context, tenant int32, id int64) error {
	return q.change(ctx, tenant, id, cancelJob, "cannot be cancelled")
}

// Retry starts a failed or cancelled job again, at its last checkpoint, with all its attempts. Faults: Unknown; Conflict if
// it has not failed, or if another job with its key has taken its place.
func (q *Queue) Retry(ctx context.Context, tenant int32, id int64) error {
	err := q.change(ctx, tenant, id, retryJob, "cannot be retried")
	if err == nil {
		q.stir()
	}
	return err
}

func (q *Queue) change(ctx context.Context, tenant int32, id int64, stmt db.Text, cannot string) error {
	n, err := q.d.Exec(ctx, stmt, tenant, id, q.now().UnixMicro())
	if err != nil || n == 1 {
		return err
	}
	s, err := q.Status(ctx, tenant, id)
	if err != nil {
		return err
	}
	return fault.New(fault.Conflict, "job %d is %s and %s", id, s.State, cannot)
}

func unknown(id int64) error { return fault.New(fault.Unknown, "there is no job %d", id) }

// Purge deletes the jobs of all tenants that ended before the time, and tells how many.
func (q *Queue) Purge(ctx context.Context, before time.Time) (int64, error) {
	return q.d.Exec(ctx, purgeJobs, before.UnixMicro())
}
