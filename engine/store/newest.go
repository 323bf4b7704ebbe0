package store

import (
	"context"
	"time"

	"github.com/ficushealth/ficus/engine/db"
)

var newestSQL = db.Same(`SELECT max(updated) FROM resource WHERE tenant = $1 AND version > 0`)

// Newest is when the tenant's newest version was written; the zero time if there is none. It needs no open Store.
func Newest(ctx context.Context, d *db.DB, tenant int32) (at time.Time, err error) {
	if made, err := d.HasTable(ctx, "resource"); err != nil || !made {
		return at, err
	}
	err = d.Query(ctx, newestSQL, []any{tenant}, func(r db.Row) error {
		if !r.IsNull(0) {
			at = time.UnixMicro(r.Int64(0)).UTC()
		}
		return nil
	})
	return at, err
}
