package store

import (
	"context"

	"github.com/ficushealth/ficus/engine/db"
)

var changesSQL = db.Same(`SELECT COALESCE(SUM(version), 0) FROM resource WHERE tenant = $1 AND type = $2`)

// Changes is how often resources of a type have been changed: each commit makes it greater, in whatever order commits come. The time
// of the last change does not tell of one that began earlier and was committed later. It looks at all that there is of the type, so
// it is for types of which there is not much.
func (d *Desk) Changes(ctx context.Context, typ string) (n int64, err error) {
	i, known := typeIndex(typ)
	if !known {
		return 0, unknownType(typ)
	}
	err = d.s.db.Query(ctx, changesSQL, []any{d.p.Tenant, i}, func(r db.Row) error {
		n = r.Int64(0)
		return nil
	})
	return n, err
}
