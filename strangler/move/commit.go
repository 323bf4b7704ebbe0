package move

import (
	"context"
	"errors"
	"strings"

	"github.com/ficushealth/ficus/engine/db"
	"github.com/ficushealth/ficus/fault"
	"github.com/ficushealth/ficus/strangler/ledger"
)

// commit writes a batch and moves its walk on. If something in it cannot be written, the batch is halved until the row is
// found; that row goes into quarantine, and everything else is written. A batch that takes too long is halved too.
func (m *Mover) commit(ctx context.Context, run ledger.Run, b *batch) error {
	begun := m.Now()
	chunk, err := m.write(ctx, run, b)
	if err == nil {
		b.walk.step = b.walk.step.Moved(chunk)
		m.size.learn(len(b.families), m.Now().Sub(begun))
		return nil
	}
	if held, failed := ledger.Holds(ctx, m.DB, m.Tenant, run); failed == nil && !held {
		return ledger.TakenOver()
	}
	one := len(b.families) == 1
	switch slow := fault.Is(err, fault.TimedOut); {
	case len(b.families) == 0 || slow && one || !slow && !rowsFault(err):
		return err
	case one:
		return m.refuse(ctx, run, b, err)
	}
	left, right := b.halves()
	if err := m.commit(ctx, run, left); err != nil {
		return err
	}
	return m.commit(ctx, run, right)
}

// blames reports whether an error may be one row's fault, and not that another process has taken the run over.
func (m *Mover) blames(ctx context.Context, run ledger.Run, err error) bool {
	if !rowsFault(err) {
		return false
	}
	held, failed := ledger.Holds(ctx, m.DB, m.Tenant, run)
	return failed == nil && held
}

// rowsFault reports whether an error may be the fault of what was written, and not that of the database or of ours.
func rowsFault(err error) bool {
	if e, database := errors.AsType[*db.Error](err); database {
		return badValue(e)
	}
	switch fault.Of(err) {
	case fault.Internal, fault.Unavailable, fault.TooMany, fault.TooCostly, fault.TimedOut, fault.Unauthorized, fault.Forbidden:
		return false
	}
	return true
}

// badValue reports whether the database could not hold a value: SQLSTATE classes 22 (data exception) and 54 (program limit
// exceeded), or what engine/db calls so.
func badValue(e *db.Error) bool {
	switch e.Fault.Kind {
	case fault.Invalid, fault.Unprocessable, fault.TooLarge:
		return true
	}
	return strings.HasPrefix(e.Code, "22") || strings.HasPrefix(e.Code, "54")
}

// refuse puts the batch's only row into quarantine because the store did not take it.
func (m *Mover) refuse(ctx context.Context, run ledger.Run, b *batch, why error) error {
	f := b.families[0]
	if f.out.Refused != nil || f.same {
		return why // there was nothing of it to refuse
	}
	r := refusalOf(why)
	if fault.Is(why, fault.Stale) {
		r.Code, r.Text = "changed-here", "the row is new or has changed, and what it would become was made or changed here in the meantime"
	}
	f.refuse(*r)
	if err := m.know(ctx, b.names()); err != nil {
		return err
	}
	return m.commit(ctx, run, b)
}

// halves are the two parts of a batch; what has vanished goes with the second one.
func (b *batch) halves() (left, right *batch) {
	n := len(b.families) / 2
	middle := b.families[n-1].full
	left = &batch{walk: b.walk, after: b.after, upto: middle, families: b.families[:n]}
	right = &batch{walk: b.walk, after: middle, upto: b.upto, last: b.last, families: b.families[n:], vanished: b.vanished}
	return left, right
}
