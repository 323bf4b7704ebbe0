package move

import (
	"context"
	"fmt"
	"slices"

	"github.com/ficushealth/ficus/fault"
	"github.com/ficushealth/ficus/strangler/ledger"
)

// Approved reports whether a list of approvals ("OpalDB.Patient" or "OpalDB.Patient:placeholder-row") lets a filter take
// rows of the table beyond 1% of them, and what to approve if it does not.
func Approved(list []string, table, reason string, rows, of int64) (ok bool, why string) {
	if rows*100 <= of || slices.Contains(list, table) || slices.Contains(list, table+":"+reason) {
		return true, ""
	}
	return false, fmt.Sprintf("%s: the filter %q leaves out %d of %d rows, more than 1%%: allow it with --approve %s:%s",
		table, reason, rows, of, table, reason)
}

// approved stops the run behind a walk whose filters took more than they may. What they took is not lost: the run goes on
// once it is approved, or is given up.
func (m *Mover) approved(ctx context.Context, w *walk) error {
	if w.sweep() {
		return nil
	}
	filtered, err := ledger.CountFiltered(ctx, m.DB, m.Tenant, w.step.Table)
	for reason, rows := range filtered {
		if ok, why := Approved(m.Approve, w.table.String(), m.name(reason), rows, w.total); !ok && err == nil {
			err = fault.New(fault.Precondition, "%s", why)
		}
	}
	return err
}
