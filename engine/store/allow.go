package store

import (
	"context"

	"github.com/ficushealth/ficus/engine/access"
)

// Allow asks for a right before something is done that is no interaction of the desk by
// itself, such as an operation; typ "" is the whole server. Faults: Forbidden, which is on record.
func (d *Desk) Allow(ctx context.Context, action string, op access.Op, typ, id string) error {
	_, err := d.may(ctx, op, typ)
	return d.refused(ctx, action, typ, id, err)
}

// AllowAll is Allow for what is done with all resources of a type, which no decision divides.
func (d *Desk) AllowAll(ctx context.Context, action string, op access.Op, typ string) error {
	v, err := d.sight(ctx)
	if err != nil {
		return err
	}
	return d.refused(ctx, action, typ, "", v.whole(op, typ))
}

// Note puts on record what was done so, beside what the desk itself records of it.
func (d *Desk) Note(ctx context.Context, action, typ, id string) error {
	return d.s.audit.Record(ctx, d.entry(action, things(typ, id, 0)))
}
