package crosswalk

import (
	"context"
	"embed"

	"github.com/ficushealth/ficus/engine/db"
)

//go:embed schema/*.sql
var schema embed.FS

// Migrate brings the tables of the crosswalk up to date.
func Migrate(ctx context.Context, d *db.DB) error { return Schema().Migrate(ctx, d) }

// Schema is what the crosswalk has in the database.
func Schema() db.Schema {
	return db.Schema{Module: "strangler_crosswalk", Files: schema, Tables: []db.Table{{Name: "strangler_name"}, {Name: "strangler_link"}}}
}
