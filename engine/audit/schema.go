package audit

import (
	"context"
	"embed"

	"github.com/ficushealth/ficus/engine/db"
)

//go:embed schema
var schema embed.FS

// Migrate brings the tables of the audit up to date. Faults: as db.Migrate.
func Migrate(ctx context.Context, d *db.DB) error { return db.Migrate(ctx, d, "audit", schema) }
