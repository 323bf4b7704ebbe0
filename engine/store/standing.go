package store

import (
	"context"

	"github.com/ficushealth/ficus/engine/db"
)

var standingSQL = db.Same(`SELECT version FROM resource WHERE tenant = $1 AND type = $2 AND id = $3 AND NOT deleted`)

// Standing is the number of a resource's current version without opening its body, 0 if there is none: whoever keeps what
// was read asks whether it still stands. It records nothing, since nothing is shown.
func (s *Store) Standing(ctx context.Context, tenant int32, k Key) (number int64, err error) {
	i, known := typeIndex(k.Type)
	if !known {
		return 0, unknownType(k.Type)
	}
	err = s.db.Query(ctx, standingSQL, []any{tenant, i, k.ID}, func(r db.Row) error {
		number = r.Int64(0)
		return nil
	})
	return number, err
}
