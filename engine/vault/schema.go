package vault

import (
	"context"
	"embed"

	"github.com/ficushealth/ficus/engine/db"
)

//go:embed schema
var schema embed.FS

// Migrate brings the tables of the vault up to date. Faults: as db.Migrate.
func Migrate(ctx context.Context, d *db.DB) error { return Schema().Migrate(ctx, d) }

// Schema is what the vault has in the database: keys, all of them wrapped by the installation key.
func Schema() db.Schema {
	return db.Schema{Module: "vault", Files: schema, Tables: []db.Table{{Name: "vault_key"}, {Name: "vault_token"}}}
}
