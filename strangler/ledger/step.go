package ledger

import (
	"context"
	"time"

	"github.com/ficushealth/ficus/engine/db"
)

// Step is one walk over a table, and where the run is in it.
type Step struct {
	Number int32  // in the order of work, from 1
	Map    int32  // number of the map
	Table  int32  // number of the table that is walked
	Seq    int64  // commits so far
	Key    []byte // key in full of the last row that is done; nil before the first one
	Done   bool
	Rows   int64 // rows seen
	Wrote  int64 // targets written
	Same   int64 // rows that had not changed since they were taken
}

const stepFields = `step, map, tbl, seq, key, done, rows, wrote, same`

// Steps are the steps of a run in the order of work.
func Steps(ctx context.Context, d *db.DB, tenant int32, run int64) (steps []Step, err error) {
	stmt := db.Same(`SELECT ` + stepFields + ` FROM strangler_step WHERE tenant = $1 AND run = $2 ORDER BY step`)
	err = d.Query(ctx, stmt, []any{tenant, run}, func(r db.Row) error {
		steps = append(steps, Step{
			Number: r.Int32(0), Map: r.Int32(1), Table: r.Int32(2), Seq: r.Int64(3), Key: r.Bytes(4), Done: r.Int32(5) == 1,
			Rows: r.Int64(6), Wrote: r.Int64(7), Same: r.Int64(8),
		})
		return nil
	})
	return steps, err
}

// Plan writes the steps of a new run.
func Plan(ctx context.Context, d *db.DB, tenant int32, run Run, steps []Step) error {
	return d.Write(ctx, func(tx db.Tx) error {
		if err := Guard(ctx, tx, tenant, run, run.Touched); err != nil {
			return err
		}
		for _, s := range steps {
			_, err := tx.Exec(ctx, db.Same(`INSERT INTO strangler_step (tenant, run, `+stepFields+`) VALUES ($1, $2, $3, $4, $5, 0, NULL, 0, 0, 0, 0)`),
				tenant, run.ID, s.Number, s.Map, s.Table)
			if err != nil {
				return err
			}
		}
		return nil
	})
}

// Guard makes sure, in a transaction that moves no step, that the run is still this process's; fault.Conflict if not.
func Guard(ctx context.Context, tx db.Tx, tenant int32, run Run, now time.Time) error {
	n, err := tx.Exec(ctx, holdRun, tenant, run.ID, run.Fence, now.UnixMicro())
	return oneRow(n, err)
}

var (
	holdRun = db.Same(`UPDATE strangler_run SET touched = $4 WHERE tenant = $1 AND id = $2 AND fence = $3 AND state = 1`)
	moveOn  = db.Same(`UPDATE strangler_step SET seq = seq + 1, key = coalesce($5, key), done = $6, rows = rows + $7, wrote = wrote + $8, same = same + $9
		WHERE tenant = $1 AND run = $2 AND step = $3 AND seq = $4 AND done = 0`)
	putChunk = db.Same(`INSERT INTO strangler_chunk (tenant, run, step, seq, upto, snapshot, rows, at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`)
)

// Chunk is what one commit of a step took.
type Chunk struct {
	Upto     []byte // key in full of its last row; nil for none
	Snapshot []byte // what the source's snapshot showed; nil for a dump
	Last     bool   // there is nothing behind it
	Rows     int64
	Wrote    int64
	Same     int64
}

// Advance moves a step on, in the transaction that writes what the chunk holds; Step.Moved is the step afterwards. fault.Conflict, and
// so no commit, if another process took the run over or moved the step.
func Advance(ctx context.Context, tx db.Tx, tenant int32, run Run, s Step, c Chunk, now time.Time) error {
	if err := Guard(ctx, tx, tenant, run, now); err != nil {
		return err
	}
	n, err := tx.Exec(ctx, moveOn, tenant, run.ID, s.Number, s.Seq, bytesOrNull(c.Upto), flag(c.Last), c.Rows, c.Wrote, c.Same)
	if err := oneRow(n, err); err != nil {
		return err
	}
	return record(ctx, tx, tenant, run, s, c, now)
}

func record(ctx context.Context, tx db.Tx, tenant int32, run Run, s Step, c Chunk, now time.Time) error {
	if c.Upto == nil {
		return nil
	}
	_, err := tx.Exec(ctx, putChunk, tenant, run.ID, s.Number, s.Seq+1, c.Upto, bytesOrNull(c.Snapshot), c.Rows, now.UnixMicro())
	return err
}

// Moved is the step as it stands once the transaction of Advance has committed.
func (s Step) Moved(c Chunk) Step {
	if c.Upto != nil {
		s.Key = c.Upto
	}
	s.Seq, s.Done = s.Seq+1, c.Last
	s.Rows, s.Wrote, s.Same = s.Rows+c.Rows, s.Wrote+c.Wrote, s.Same+c.Same
	return s
}

func flag(b bool) int32 {
	if b {
		return 1
	}
	return 0
}

// bytesOrNull makes an absent slice an untyped NULL argument.
func bytesOrNull(b []byte) any {
	if b == nil {
		return nil
	}
	return b
}
