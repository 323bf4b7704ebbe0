package ledger

import (
	"context"

	"github.com/google/uuid"

	"github.com/ficushealth/ficus/engine/db"
	"github.com/ficushealth/ficus/fault"
)

// Space is the name space from which a tenant makes the ids of a pack's rows (RFC 9562, section 5.5). The first call
// settles it: fresh is kept, and every later call returns what was kept.
func Space(ctx context.Context, d *db.DB, tenant int32, pack string, fresh uuid.UUID) (space uuid.UUID, err error) {
	err = d.Write(ctx, func(tx db.Tx) error {
		_, err := tx.Exec(ctx, db.Same(`INSERT INTO strangler_space (tenant, pack, space) VALUES ($1, $2, $3)
			ON CONFLICT (tenant, pack) DO NOTHING`), tenant, pack, fresh[:])
		if err != nil {
			return err
		}
		return tx.Query(ctx, selectSpace, []any{tenant, pack}, takeSpace(&space))
	})
	return space, err
}

var selectSpace = db.Same(`SELECT space FROM strangler_space WHERE tenant = $1 AND pack = $2`)

func takeSpace(space *uuid.UUID) func(db.Row) error {
	return func(r db.Row) error {
		b := r.BytesNoCopy(0)
		if len(b) != len(space) {
			return fault.New(fault.Conflict, "the name space of the ids is damaged: restore the table strangler_space")
		}
		copy(space[:], b)
		return nil
	}
}

// KnownSpace is the name space that Space settled, uuid.Nil if there is none yet.
func KnownSpace(ctx context.Context, d *db.DB, tenant int32, pack string) (space uuid.UUID, err error) {
	err = d.Query(ctx, selectSpace, []any{tenant, pack}, takeSpace(&space))
	return space, err
}
