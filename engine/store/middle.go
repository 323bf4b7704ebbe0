package store

import (
	"context"

	"github.com/ficushealth/ficus/engine/db"
)

var middleSQL = db.Same(`SELECT coalesce((min(rid) + max(rid)) / 2, 0) FROM resource WHERE tenant = $1`)

// Middle is a number in the middle of those of the tenant's resources, behind which CheckIndex finds a sample. It needs no
// open Store.
func Middle(ctx context.Context, d *db.DB, tenant int32) (rid int64, err error) {
	err = d.Query(ctx, middleSQL, []any{tenant}, func(r db.Row) error {
		rid = r.Int64(0)
		return nil
	})
	return rid, err
}
