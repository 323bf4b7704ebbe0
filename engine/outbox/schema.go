package outbox

import (
	"context"
	"embed"

	"github.com/ficushealth/ficus/engine/db"
)

//go:embed schema
var schema embed.FS

// Migrate brings the tables of the outbox up to date. Faults: as db.Migrate.
func Migrate(ctx context.Context, d *db.DB) error { return db.Migrate(ctx, d, "outbox", schema) }
