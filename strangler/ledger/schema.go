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
	return Schema().Migrate(ctx, d)
}

// Schema is what the ledger has in the database, without the crosswalk.
func Schema() db.Schema {
	return db.Schema{Module: "strangler_ledger", Files: schema, Tables: []db.Table{
		{Name: "strangler_row"}, {Name: "strangler_run"}, {Name: "strangler_step"}, {Name: "strangler_chunk"},
		{Name: "strangler_finding"}, {Name: "strangler_quarantine"}, {Name: "strangler_space"}, {Name: "strangler_seal"},
	}}
}

// Exists reports whether the tables of the ledger have been made.
func Exists(ctx context.Context, d *db.DB) (made bool, err error) {
	stmt := db.Text{
		SQLite:   `SELECT 1 FROM sqlite_master WHERE name = 'strangler_run'`,
		Postgres: `SELECT 1 WHERE to_regclass('strangler_run') IS NOT NULL`,
	}
	err = d.Query(ctx, stmt, nil, func(db.Row) error {
		made = true
		return nil
	})
	return made, err
}
