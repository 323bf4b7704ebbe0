package jobs

import (
	"context"

	"github.com/ficushealth/ficus/engine/db"
)

// setPeriods brings the table in line with the periods of the kinds.
func (r *Runner) setPeriods(ctx context.Context) error {
	return r.q.d.Write(ctx, func(tx db.Tx) error {
		for _, name := range r.names {
			if err := r.setPeriod(ctx, tx, r.kinds[name]); err != nil {
				return err
			}
		}
		return nil
	})
}

func (r *Runner) setPeriod(ctx context.Context, tx db.Tx, k Kind) error {
	if k.Every == 0 {
		_, err := tx.Exec(ctx, dropPeriod, k.Name, periodic)
		return err
	}
	attempts := k.Attempts
	if attempts == 0 {
		attempts = 5
	}
	row := r.q.row(Order{Kind: k.Name, Key: periodic, Attempts: attempts}, k.Every)
	if err := tx.Query(ctx, insertJob, row, func(db.Row) error { return nil }); err != nil {
		return err
	}
	latest := r.q.now().Add(k.Every).UnixMicro()
	_, err := tx.Exec(ctx, keepPeriod, k.Name, periodic, k.Every.Microseconds(), attempts, latest)
	return err
}

// periodic is the key of periodic jobs, so that each kind has one.
const periodic = "periodic"
