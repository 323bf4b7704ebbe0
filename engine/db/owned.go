package db

import (
	"context"
	"io/fs"

	"github.com/ficushealth/ficus/fault"
)

// Schema is what a module has in the database: the numbered files that make its tables, and all of these tables, so that
// whoever copies a database forgets none.
type Schema struct {
	Module string
	Files  fs.FS
	Tables []Table
	// Restored brings the counters and the books of the module that no copy holds into agreement with rows that have just
	// come in, in the transaction that it is given; nil: there are none.
	Restored func(context.Context, Tx) error
}

// Migrate is Migrate for the schema.
func (s Schema) Migrate(ctx context.Context, d *DB) error { return Migrate(ctx, d, s.Module, s.Files) }

// MigrateTo is Migrate as far as the file of that number. Faults: Conflict if the program has no such file, or the database
// is beyond it.
func (s Schema) MigrateTo(ctx context.Context, d *DB, number int) error {
	steps, err := stepsOf(s.Module, s.Files, d.dialect)
	if err == nil && number > len(steps) {
		err = fault.New(fault.Conflict, "the schema of %s is asked for at %d, the program knows %d: take a newer version of the program", s.Module, number, len(steps))
	}
	if err != nil {
		return err
	}
	return migrate(ctx, d, s.Module, steps[:number])
}

// Latest is the number of the last file. Faults: Internal for badly named files.
func (s Schema) Latest() (int, error) {
	steps, err := stepsOf(s.Module, s.Files, SQLite)
	return len(steps), err
}

var versions = Same(`SELECT module, max(number) FROM schema_version GROUP BY module`)

// Versions gives for each module the number of the last file that was applied; none for a database that was never migrated.
func (t Tx) Versions(ctx context.Context) (map[string]int, error) {
	made := false
	err := t.Query(ctx, hasTable, []any{"schema_version"}, func(Row) error {
		made = true
		return nil
	})
	numbers := map[string]int{}
	if err != nil || !made {
		return numbers, err
	}
	err = t.Query(ctx, versions, nil, func(r Row) error {
		numbers[r.Text(0)] = int(r.Int64(1))
		return nil
	})
	return numbers, err
}
