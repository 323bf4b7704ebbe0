package jobs

import (
	"context"
	"time"

	"github.com/ficushealth/ficus/engine/db"
	"github.com/ficushealth/ficus/fault"
)

// Queue is the door to the table of jobs. It is safe for concurrent use.
type Queue struct {
	d    *db.DB
	now  func() time.Time
	wake chan struct{} // a job was enqueued in this process
}

// NewQueue opens the queue of a database whose tables Migrate has made. A nil now is time.Now.
func NewQueue(d *db.DB, now func() time.Time) *Queue {
	if now == nil {
		now = time.Now
	}
	return &Queue{d: d, now: now, wake: make(chan struct{}, 1)}
}

// Order is a job to be done.
type Order struct {
	Tenant   int32
	Kind     string
	Payload  []byte
	Key      string    // if not empty: nothing is added while a job of the same tenant, kind and key waits or runs
	At       time.Time // not before; the zero time is now
	Attempts int       // failures in a row until it is given up; 0 is 5
}

// Enqueue adds a job in the caller's transaction and gives its id, or, where Order.Key forbids it, the id of the job that
// is there. A runner on the same Queue starts it right after the commit, others within their poll time.
func (q *Queue) Enqueue(ctx context.Context, tx db.Tx, o Order) (id int64, err error) {
	if o.Kind == "" || o.Key == periodic {
		return 0, fault.New(fault.Internal, "a job without a kind, or with the key of periodic jobs")
	}
	for range 3 { // the job with the key may end between the two statements
		if id, err = q.insert(ctx, tx, o); err != nil || id != 0 {
			return id, err
		}
		err = tx.Query(ctx, findKey, []any{o.Tenant, o.Kind, o.Key}, takeID(&id))
		if err != nil || id != 0 {
			return id, err
		}
	}
	return 0, fault.New(fault.Conflict, "jobs with this key come and go; try again")
}

func (q *Queue) insert(ctx context.Context, tx db.Tx, o Order) (id int64, err error) {
	err = tx.Pipeline(ctx, func(p *db.Pipe) {
		p.Query(insertJob, q.row(o, 0), takeID(&id))
		p.AtEnd(func(err error) {
			if err == nil {
				q.stir()
			}
		})
	})
	return id, err
}

// row gives the arguments of insertJob.
func (q *Queue) row(o Order, every time.Duration) []any {
	now, at := q.now(), o.At
	if at.IsZero() {
		at = now
	}
	if o.Attempts == 0 {
		o.Attempts = 5
	}
	key := db.Null[string]{V: o.Key, OK: o.Key != ""}
	return []any{o.Tenant, o.Kind, key, o.Payload, at.UnixMicro(), every.Microseconds(), o.Attempts, now.UnixMicro()}
}

func takeID(id *int64) func(db.Row) error {
	return func(r db.Row) error {
		*id = r.Int64(0)
		return nil
	}
}

// stir tells a runner of this process to look for work.
func (q *Queue) stir() {
	select {
	case q.wake <- struct{}{}:
	default: // it has been told already
	}
}
