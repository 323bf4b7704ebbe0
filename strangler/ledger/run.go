package ledger

import (
	"context"
	"time"

	"github.com/ficushealth/ficus/engine/db"
	"github.com/ficushealth/ficus/fault"
)

// RunState says how far a run is.
type RunState int32

// The states; the numbers are stored. A Running run whose process is dead looks like one that works.
const (
	Running RunState = iota + 1
	Stopped
	Done
)

// String is the state in a word.
func (s RunState) String() string {
	return [...]string{"unknown", "running", "stopped", "done"}[min(max(s, 0), 3)]
}

// Run is one move from a source, in as many sittings as it took.
type Run struct {
	ID      int64
	Pack    string // name of the pack
	Mapping string // content hash of the pack
	Source  string // what was read, for people
	Hash    string // identity of the source
	Program string // version of the program that started or resumed it last
	State   RunState
	Fence   int64
	Started time.Time
	Touched time.Time // last commit
}

const runFields = `id, pack, mapping, source, hash, program, state, fence, started, touched`

// Runs are all runs of a tenant, the first one first.
func Runs(ctx context.Context, d *db.DB, tenant int32) (runs []Run, err error) {
	stmt := db.Same(`SELECT ` + runFields + ` FROM strangler_run WHERE tenant = $1 ORDER BY id`)
	err = d.Query(ctx, stmt, []any{tenant}, func(r db.Row) error {
		runs = append(runs, scanRun(r))
		return nil
	})
	return runs, err
}

func lastRun(ctx context.Context, tx db.Tx, tenant int32, pack string) (last Run, err error) {
	stmt := db.Same(`SELECT ` + runFields + ` FROM strangler_run WHERE tenant = $1 AND pack = $2 ORDER BY id DESC LIMIT 1`)
	err = tx.Query(ctx, stmt, []any{tenant, pack}, func(r db.Row) error {
		last = scanRun(r)
		return nil
	})
	return last, err
}

func scanRun(r db.Row) Run {
	return Run{
		ID: r.Int64(0), Pack: r.Text(1), Mapping: r.Text(2), Source: r.Text(3), Hash: r.Text(4), Program: r.Text(5),
		State: RunState(r.Int32(6)), Fence: r.Int64(7), Started: instant(r.Int64(8)), Touched: instant(r.Int64(9)),
	}
}

func instant(micros int64) time.Time { return time.UnixMicro(micros).UTC() }

// Start begins a run, or takes up the last one of the pack where it stopped: resumed says which. A run that is not done
// can be taken up only with the same source and mapping, else the answer is fault.Conflict, unless it has been through all
// rows; with afresh it is given up and a new one begun. Whoever starts last holds the fence: the process that held it before cannot commit any more.
func Start(ctx context.Context, d *db.DB, tenant int32, want Run, afresh bool) (run Run, resumed bool, err error) {
	err = d.Write(ctx, func(tx db.Tx) error {
		last, err := lastRun(ctx, tx, tenant, want.Pack)
		if err != nil {
			return err
		}
		goesOn, err := last.goesOn(ctx, tx, tenant, want)
		if err != nil {
			return err
		}
		if goesOn && !afresh {
			run, resumed = want, true
			return resume(ctx, tx, tenant, last, &run)
		}
		run, resumed = want, false
		return begin(ctx, tx, tenant, &run)
	})
	return run, resumed, err
}

// goesOn reports whether the run must be finished before another one begins. One that has been through all rows, so that it
// died in a retry or while it tidied up, is finished as well by a whole run of another source or mapping.
func (last Run) goesOn(ctx context.Context, tx db.Tx, tenant int32, want Run) (goesOn bool, err error) {
	switch {
	case last.ID == 0 || last.State == Done:
		return false, nil
	case last.Hash == want.Hash && last.Mapping == want.Mapping:
		return true, nil
	}
	goesOn = true
	stmt := db.Same(`SELECT count(*), coalesce(sum(CASE WHEN done = 0 THEN 1 ELSE 0 END), 0) FROM strangler_step WHERE tenant = $1 AND run = $2`)
	err = tx.Query(ctx, stmt, []any{tenant, last.ID}, func(r db.Row) error {
		goesOn = r.Int64(0) == 0 || r.Int64(1) > 0
		return nil
	})
	return goesOn, err
}

func resume(ctx context.Context, tx db.Tx, tenant int32, last Run, run *Run) error {
	switch {
	case last.Hash != run.Hash:
		return fault.New(fault.Conflict, "run %d stopped in the middle of another source (%s): finish it with that one, or give it up with --afresh", last.ID, last.Source)
	case last.Mapping != run.Mapping:
		return fault.New(fault.Conflict, "run %d stopped in the middle under another version of pack %s: finish it with that one, or give it up with --afresh", last.ID, last.Pack)
	}
	run.ID, run.Started, run.Fence, run.State = last.ID, last.Started, last.Fence+1, Running
	n, err := tx.Exec(ctx, db.Same(`UPDATE strangler_run SET fence = $3, state = $4, program = $5, touched = $6
		WHERE tenant = $1 AND id = $2 AND fence = $7`),
		tenant, run.ID, run.Fence, int32(Running), run.Program, run.Touched.UnixMicro(), last.Fence)
	return oneRow(n, err)
}

func begin(ctx context.Context, tx db.Tx, tenant int32, run *Run) error {
	err := tx.Query(ctx, db.Same(`SELECT coalesce(max(id), 0), coalesce(max(fence), 0) FROM strangler_run WHERE tenant = $1`), []any{tenant},
		func(r db.Row) error {
			run.ID, run.Fence = r.Int64(0)+1, r.Int64(1)+1
			return nil
		})
	if err != nil {
		return err
	}
	if err := giveUp(ctx, tx, tenant, run.Pack); err != nil {
		return err
	}
	run.State, run.Started = Running, run.Touched
	_, err = tx.Exec(ctx, db.Same(`INSERT INTO strangler_run (tenant, `+runFields+`) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`),
		tenant, run.ID, run.Pack, run.Mapping, run.Source, run.Hash, run.Program, int32(run.State), run.Fence,
		run.Started.UnixMicro(), run.Touched.UnixMicro())
	return err
}

// giveUp takes the fence from a run that is left unfinished for good.
func giveUp(ctx context.Context, tx db.Tx, tenant int32, pack string) error {
	_, err := tx.Exec(ctx, db.Same(`UPDATE strangler_run SET fence = fence + 1, state = $3
		WHERE tenant = $1 AND pack = $2 AND state = $4`), tenant, pack, int32(Stopped), int32(Running))
	return err
}

// End notes that the run is done or was stopped, and seals the books. fault.Conflict if another process took it over.
func End(ctx context.Context, d *db.DB, tenant int32, run Run, state RunState, now time.Time, h *Hasher) error {
	return d.Write(ctx, func(tx db.Tx) error {
		n, err := tx.Exec(ctx, db.Same(`UPDATE strangler_run SET state = $4, touched = $5 WHERE tenant = $1 AND id = $2 AND fence = $3`),
			tenant, run.ID, run.Fence, int32(state), now.UnixMicro())
		if err := oneRow(n, err); err != nil {
			return err
		}
		return Seal(ctx, tx, tenant, h)
	})
}

// Holds reports whether the run is still this process's.
func Holds(ctx context.Context, d *db.DB, tenant int32, run Run) (held bool, err error) {
	stmt := db.Same(`SELECT 1 FROM strangler_run WHERE tenant = $1 AND id = $2 AND fence = $3 AND state = 1`)
	err = d.Query(ctx, stmt, []any{tenant, run.ID, run.Fence}, func(db.Row) error {
		held = true
		return nil
	})
	return held, err
}

// oneRow turns a guarded statement that hit nothing into the fault that it means.
func oneRow(n int64, err error) error {
	if err == nil && n != 1 {
		return TakenOver()
	}
	return err
}

// TakenOver is the fault of a process whose run another one has taken up.
func TakenOver() error {
	return fault.New(fault.Conflict, "another process has taken this run over")
}
