package ledger

import (
	"context"
	"embed"

	"github.com/ficushealth/ficus/engine/db"
	"github.com/ficushealth/ficus/strangler/crosswalk"
)

//go:embed schema/*.sql
var schema embed.FS

// Migrate brings the tables of the ledger and of the crosswalk up to date.
func Migrate(ctx context.Context, d *db.DB) error {
	if err := crosswalk.Migrate(ctx, d); err != nil {
		return err
	}
	return db.Migrate(ctx, d, "strangler_ledger", schema)
}
