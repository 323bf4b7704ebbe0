package store

import (
	"context"
	"embed"

	"github.com/ficushealth/ficus/engine/db"
	"github.com/ficushealth/ficus/engine/outbox"
)

//go:embed schema/*.sql
var schema embed.FS

//go:embed stamps/*.sql
var stamps embed.FS

// Schemas are what the store has in the database: resources and their index, and the stamps of records.
func Schemas() []db.Schema {
	return []db.Schema{
		{Module: "store", Files: schema, Tables: []db.Table{
			{Name: "resource"},
			{Name: "resource_history", Omit: []string{"seq"}}, // SQLite's own number of the row
			{Name: "resource_successor"},
			{Name: "ix_token"}, {Name: "ix_string"}, {Name: "ix_date"}, {Name: "ix_number"}, {Name: "ix_ref"},
			{Name: "ix_unit"}, {Name: "ix_value"}, {Name: "ix_label"}, {Name: "label_walk"}, {Name: "index_form"},
			{Name: "search_param"}, {Name: "search_param_edition"},
			{Name: "store_counter"},
		}},
		{Module: "record", Files: stamps, Tables: []db.Table{{Name: "record_stamp"}}},
	}
}

// Migrate brings the store's tables up to date. Faults: as db.Migrate.
func Migrate(ctx context.Context, d *db.DB) error {
	for _, own := range Schemas() {
		if err := own.Migrate(ctx, d); err != nil {
			return err
		}
	}
	return outbox.Migrate(ctx, d)
}
