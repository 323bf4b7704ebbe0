package audit

import (
	"context"
	"embed"

	"github.com/ficushealth/ficus/engine/db"
)

//go:embed schema
var schema embed.FS

// Migrate brings the tables of the audit up to date. Faults: as db.Migrate.
func Migrate(ctx context.Context, d *db.DB) error { return Schema().Migrate(ctx, d) }

// Schema is what the audit has in the database.
func Schema() db.Schema {
	return db.Schema{Module: "audit", Files: schema, Tables: []db.Table{{Name: "audit_pending"}, {Name: "audit_block"}, {Name: "audit_run"}, {Name: "audit_post"}, {Name: "audit_day"}, {Name: "audit_pruned"}}}
}
