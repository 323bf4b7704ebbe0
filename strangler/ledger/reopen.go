package ledger

import (
	"context"

	"github.com/ficushealth/ficus/engine/db"
	"github.com/ficushealth/ficus/fault"
)

// Reopen takes up the pack's last run, which is done, to write some of its rows again; End closes it. Meanwhile it is a
// run like any other: whoever starts one takes the fence, and Guard stops the process that held it. A process that dies
// leaves a run that the next one finishes. Faults: Unknown if nothing was moved; Conflict if the last run is not done, or
// was of another source: its rows must not stand beside those of this one.
func Reopen(ctx context.Context, d *db.DB, tenant int32, want Run) (run Run, err error) {
	err = d.Write(ctx, func(tx db.Tx) error {
		if run, err = lastRun(ctx, tx, tenant, want.Pack); err != nil {
			return err
		}
		if err := reopens(run, want); err != nil {
			return err
		}
		before := run.Fence
		run.Fence, run.State, run.Touched = before+1, Running, want.Touched
		n, err := tx.Exec(ctx, db.Same(`UPDATE strangler_run SET fence = $3, state = $4, touched = $5 WHERE tenant = $1 AND id = $2 AND fence = $6 AND state = $7`),
			tenant, run.ID, run.Fence, int32(Running), run.Touched.UnixMicro(), before, int32(Done))
		return oneRow(n, err)
	})
	return run, err
}

func reopens(last, want Run) error {
	switch {
	case last.ID == 0:
		return fault.New(fault.Unknown, "nothing has been moved yet")
	case last.State != Done:
		return fault.New(fault.Conflict, "run %d is in the middle: let it finish first", last.ID)
	case last.Hash != want.Hash:
		return fault.New(fault.Conflict, "the last run moved another source (%s): move this one with ficus migrate run, which takes the rows that were mended too", last.Source)
	}
	return nil
}
