package audit

import (
	"context"

	"github.com/ficushealth/ficus/engine/db"
)

// Made reports whether Migrate has made the tables of the audit in a database.
func Made(ctx context.Context, d *db.DB) (bool, error) { return d.HasTable(ctx, "audit_pending") }
