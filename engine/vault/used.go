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

// Known reports whether the database holds keys of a tenant.
func Known(ctx context.Context, d *db.DB, tenant int32) (known bool, err error) {
	if made, err := d.HasTable(ctx, "vault_key"); err != nil || !made {
		return false, err
	}
	err = d.Query(ctx, db.Same(`SELECT 1 FROM vault_key WHERE tenant = $1 LIMIT 1`), []any{tenant}, func(db.Row) error {
		known = true
		return nil
	})
	return known, err
}
