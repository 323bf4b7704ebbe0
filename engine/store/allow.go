package store

import (
	"context"

	"github.com/ficushealth/ficus/engine/access"
)

// Allow asks for a right before something is done that is no interaction of the desk by
// itself, such as an operation; typ "" is the whole server. Faults: Forbidden, which is on record.
func (d *Desk) Allow(ctx context.Context, action string, op access.Op, typ, id string) error {
	return d.refused(ctx, action, typ, id, d.p.Check(op, typ))
}

// Note puts on record what was done so, beside what the desk itself records of it.
func (d *Desk) Note(ctx context.Context, action, typ, id string) error {
	return d.s.audit.Record(ctx, d.entry(action, things(typ, id, 0)))
}
