package crosswalk

import (
	"context"
	"embed"

	"github.com/ficushealth/ficus/engine/db"
)

//go:embed schema/*.sql
var schema embed.FS

// Migrate brings the tables of the crosswalk up to date.
func Migrate(ctx context.Context, d *db.DB) error {
	return db.Migrate(ctx, d, "strangler_crosswalk", schema)
}
