package jobs

import (
	"context"
	"embed"

	"github.com/ficushealth/ficus/engine/db"
)

//go:embed schema
var schema embed.FS

// Migrate brings the table of jobs up to date. Faults: as db.Migrate.
func Migrate(ctx context.Context, d *db.DB) error { return Schema().Migrate(ctx, d) }

// Schema is what jobs have in the database.
func Schema() db.Schema {
	return db.Schema{Module: "jobs", Files: schema, Tables: []db.Table{{Name: "job"}}}
}
