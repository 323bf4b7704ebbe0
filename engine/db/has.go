package db

import "context"

var hasTable = Text{
	SQLite:   `SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = $1`,
	Postgres: `SELECT 1 WHERE to_regclass($1::text) IS NOT NULL`,
}

// HasTable reports whether there is a table of that name.
func (d *DB) HasTable(ctx context.Context, name string) (has bool, err error) {
	err = d.Query(ctx, hasTable, []any{name}, func(Row) error {
		has = true
		return nil
	})
	return has, err
}
