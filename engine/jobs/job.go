package jobs

import (
	"context"
	"sync"
	"time"

	"github.com/ficushealth/ficus/engine/db"
	"github.com/ficushealth/ficus/fault"
)

// Job is one run of a job, in the hands of its function.
type Job struct {
	ID      int64
	Tenant  int32
	Kind    string
	Payload []byte

	lease    string
	attempts int
	cancel   bool // was asked for before the run began
	runAt    time.Time
	every    time.Duration
	stop     context.CancelCauseFunc

	mu         sync.Mutex
	checkpoint []byte
	attempt    int // the number of this run since the last checkpoint, from 1
	progress   progress
}

type progress struct {
	done, total int64
	note        string
}

// Progress tells how far the job is; total 0 is unknown. It costs nothing: the next heartbeat writes it.
func (j *Job) Progress(done, total int64, note string) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.progress = progress{done, total, note}
}

func (j *Job) far() progress {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.progress
}

// Save writes a checkpoint in the transaction of the work that it stands for, which must be shorter than the lease. Faults:
// Conflict if another runner has taken the job over; the transaction must not be committed then.
func (j *Job) Save(ctx context.Context, tx db.Tx, checkpoint []byte) error {
	var n *int64
	err := tx.Pipeline(ctx, func(p *db.Pipe) {
		n = p.Exec(saveCheckpoint, j.ID, j.lease, checkpoint)
		p.AtEnd(func(err error) {
			if err == nil {
				j.saved(checkpoint)
			}
		})
	})
	if err == nil && *n == 0 {
		return fault.New(fault.Conflict, "job %d was taken over by another runner", j.ID)
	}
	return err
}

// saved notes a checkpoint that was committed; one that was rolled back must not count.
func (j *Job) saved(checkpoint []byte) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.checkpoint, j.attempt = checkpoint, 0
}

// Checkpoint is what Save wrote last and committed, in this run or an earlier one; nil if there is none.
func (j *Job) Checkpoint() []byte {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.checkpoint
}

func (j *Job) tries() int {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.attempt
}
