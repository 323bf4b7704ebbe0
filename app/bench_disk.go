package app

import (
	"context"
	"os"
	"path/filepath"
	"strings"

	"github.com/ficushealth/ficus/bench"
	"github.com/ficushealth/ficus/engine/db"
)

// tableSizes gives each table with the bytes that it and its indexes take.
var tableSizes = db.Text{
	SQLite:   `SELECT m.tbl_name, SUM(s.pgsize) FROM dbstat s JOIN sqlite_master m ON m.name = s.name WHERE s.aggregate = TRUE GROUP BY m.tbl_name`,
	Postgres: `SELECT relname::text, pg_total_relation_size(oid) FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace`,
}

// diskParts adds up what the database takes: current bodies, their index, history, audit, outbox, and the rest.
func (a *App) diskParts(ctx context.Context) (map[string]int64, error) {
	parts := map[string]int64{}
	err := a.DB.Query(ctx, tableSizes, nil, func(r db.Row) error {
		parts[partOf(r.Text(0))] += r.Int64(1)
		return nil
	})
	return parts, err
}

func partOf(table string) string {
	switch {
	case table == "resource":
		return "bodies"
	case strings.HasPrefix(table, "ix_"):
		return "index"
	case table == "resource_history":
		return "history"
	case strings.HasPrefix(table, "audit"):
		return "audit"
	case strings.HasPrefix(table, "outbox"):
		return "outbox"
	}
	return "other"
}

// diskOf measures a database as a whole while its server runs.
func (b *benchStage) diskOf(name, file string) func() (map[string]int64, error) {
	if b.postgres() {
		return func() (map[string]int64, error) { return b.sizeOf(name) }
	}
	return func() (map[string]int64, error) {
		all := map[string]int64{}
		for _, end := range []string{"", "-wal"} {
			if info, err := os.Stat(filepath.Join(b.dir, file+end)); err == nil {
				all["files"] += info.Size()
			}
		}
		return all, nil
	}
}

func (b *benchStage) sizeOf(name string) (map[string]int64, error) {
	ctx := context.Background()
	d, err := db.Open(ctx, b.c.DB, db.Options{MaxConns: 1})
	if err != nil {
		return nil, err
	}
	defer d.Close() //nolint:errcheck // nothing was written
	all := map[string]int64{}
	err = d.Query(ctx, db.Same("SELECT pg_database_size($1::text)"), []any{name}, func(r db.Row) error {
		all["files"] = r.Int64(0)
		return nil
	})
	return all, err
}

// written measures the log of PostgreSQL, in which only one contender writes at a time, or what a process with SQLite writes.
func (b *benchStage) written(pid int) func() (int64, error) {
	if !b.postgres() {
		return func() (int64, error) { return bench.WrittenBy(pid) }
	}
	return func() (n int64, err error) {
		ctx := context.Background()
		d, err := db.Open(ctx, b.c.DB, db.Options{MaxConns: 1})
		if err != nil {
			return 0, err
		}
		defer d.Close() //nolint:errcheck // nothing was written
		err = d.Query(ctx, db.Same("SELECT (pg_current_wal_lsn() - '0/0')::int8"), nil, func(r db.Row) error {
			n = r.Int64(0)
			return nil
		})
		return n, err
	}
}
