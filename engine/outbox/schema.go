package outbox

import (
	"context"
	"embed"

	"github.com/ficushealth/ficus/engine/db"
)

//go:embed schema
var schema embed.FS

// Migrate brings the tables of the outbox up to date. Faults: as db.Migrate.
func Migrate(ctx context.Context, d *db.DB) error { return Schema().Migrate(ctx, d) }

// Schema is what the outbox has in the database. A copy holds the events under their feed numbers, as SQLite has them; those
// that had none yet come behind the others.
func Schema() db.Schema {
	return db.Schema{Module: "outbox", Files: schema, Restored: restored, Tables: []db.Table{
		{Name: "outbox", Read: db.Text{Postgres: numberedEvents}},
		{Name: "outbox_run", LeftOut: "a copy holds the events by their feed numbers, for which one run stands"},
		{Name: "outbox_floor", LeftOut: "it tells of transactions of the database that was copied"},
		{Name: "outbox_cursor"}, {Name: "outbox_dead"},
	}}
}
