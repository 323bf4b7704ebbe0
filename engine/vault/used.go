package vault

import (
	"context"

	"github.com/ficushealth/ficus/engine/db"
)

// Used reports whether the database holds keys already: one that does not was never used.
func Used(ctx context.Context, d *db.DB) (used bool, err error) {
	if made, err := d.HasTable(ctx, "vault_key"); err != nil || !made {
		return false, err
	}
	err = d.Query(ctx, db.Same(`SELECT 1 FROM vault_key LIMIT 1`), nil, func(db.Row) error {
		used = true
		return nil
	})
	return used, err
}
