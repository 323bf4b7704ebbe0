package db

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strconv"

	"github.com/ficushealth/ficus/fault"
)

// Migrate brings the tables of a module to the state of its numbered SQL files, which lie at the root of files or in a
// folder there: 0001_what.sql where both databases agree, otherwise the pair 0001_what.sqlite.sql and
// 0001_what.postgres.sql. Numbers run from 1 without a gap. Files that were not applied yet run in order, in one
// transaction, under a lock, so several processes may start at once. There is no way back. A file may hold several
// statements, but none that cannot run in a transaction. A database that is open for reading only is left as it is: what it
// lacks is no fault.
//
// Faults: Conflict if an applied file was changed afterwards or the database knows a newer file than the program;
// Internal for badly named files.
func Migrate(ctx context.Context, d *DB, module string, files fs.FS) error {
	steps, err := stepsOf(module, files, d.dialect)
	if err != nil {
		return err
	}
	return migrate(ctx, d, module, steps)
}

func stepsOf(module string, files fs.FS, d Dialect) ([]step, error) {
	steps, err := readSteps(files, d)
	if err != nil {
		return nil, fault.New(fault.Internal, "schema of %s: %v", module, err)
	}
	return steps, nil
}

func migrate(ctx context.Context, d *DB, module string, steps []step) error {
	if d.reading {
		return d.compare(ctx, module, steps)
	}
	return d.Write(ctx, func(t Tx) error {
		applied, err := prepareVersions(ctx, t, module)
		if err != nil {
			return err
		}
		if err := compare(module, steps, applied); err != nil {
			return err
		}
		for _, s := range steps[len(applied):] {
			if err := s.apply(ctx, t, module); err != nil {
				return err
			}
		}
		return nil
	})
}

// schemaLock is the advisory lock under which PostgreSQL migrates: the ASCII codes of "ficus".
const schemaLock = 0x6669637573

// prepareVersions takes the lock, makes the table where it is missing, and gives what was applied, by number from 1.
func prepareVersions(ctx context.Context, t Tx, module string) ([]step, error) {
	lock := Text{
		SQLite: "CREATE TABLE IF NOT EXISTS schema_version" + versionColumns,
		Postgres: "SET LOCAL statement_timeout = 0; SELECT pg_advisory_xact_lock(" + strconv.Itoa(schemaLock) + ");" +
			"CREATE TABLE IF NOT EXISTS schema_version" + versionColumns,
	}
	if err := t.Script(ctx, lock); err != nil {
		return nil, err
	}
	return appliedSteps(ctx, t, module)
}

// compare looks only.
func (d *DB) compare(ctx context.Context, module string, steps []step) error {
	if made, err := d.HasTable(ctx, "schema_version"); err != nil || !made {
		return err
	}
	applied, err := appliedSteps(ctx, d, module)
	if err != nil {
		return err
	}
	return compare(module, steps, applied)
}

// appliedSteps are what was applied, by number from 1.
func appliedSteps(ctx context.Context, from interface {
	Query(context.Context, Text, []any, func(Row) error) error
}, module string) ([]step, error) {
	var applied []step
	list := Same("SELECT name, checksum FROM schema_version WHERE module = $1 ORDER BY number")
	err := from.Query(ctx, list, []any{module}, func(r Row) error {
		applied = append(applied, step{name: r.Text(0), checksum: r.Text(1), number: len(applied) + 1})
		return nil
	})
	return applied, err
}

const versionColumns = ` (
	module   text   NOT NULL,
	number   bigint NOT NULL,
	name     text   NOT NULL,
	checksum text   NOT NULL,
	applied  bigint NOT NULL, -- microseconds since 1970 UTC, by the database's clock
	PRIMARY KEY (module, number)
)`

func compare(module string, steps, applied []step) error {
	if len(applied) > len(steps) {
		return fault.New(fault.Conflict, "the database was changed by a newer version of this program (its schema of %s is at %d, this one knows %d): use that version, or a newer one",
			module, len(applied), len(steps))
	}
	for i, a := range applied {
		if a.checksum != steps[i].checksum {
			return fault.New(fault.Conflict, "schema of %s: %s was changed after it was applied", module, steps[i].name)
		}
	}
	return nil
}

// step is one numbered file.
type step struct {
	number   int
	name     string // without number and dialect
	checksum string // SHA-256, hexadecimal
	sql      string
}

func (s step) apply(ctx context.Context, t Tx, module string) error {
	if err := t.Script(ctx, Same(s.sql)); err != nil {
		return at(err, 0, 1, "schema of "+module+", file "+strconv.Itoa(s.number)+" "+s.name)
	}
	_, err := t.Exec(ctx, Text{
		SQLite: `INSERT INTO schema_version (module, number, name, checksum, applied)
			VALUES ($1, $2, $3, $4, CAST(unixepoch('subsec') * 1000000 AS INTEGER))`,
		Postgres: `INSERT INTO schema_version (module, number, name, checksum, applied)
			VALUES ($1, $2, $3, $4, (extract(epoch FROM clock_timestamp()) * 1000000)::bigint)`,
	}, module, s.number, s.name, s.checksum)
	return err
}

var stepName = regexp.MustCompile(`^(\d{4})_([a-z0-9_]+)(?:\.(sqlite|postgres))?\.sql$`)

// readSteps reads the files of one dialect, and checks that the other dialect has the same steps.
func readSteps(files fs.FS, d Dialect) ([]step, error) {
	if files == nil {
		return nil, nil
	}
	paths, err := findSQL(files)
	if err != nil {
		return nil, err
	}
	chosen, seen := []step{}, map[string]int{} // number and dialect -> files
	for _, p := range paths {
		m := stepName.FindStringSubmatch(path.Base(p))
		if m == nil {
			return nil, fault.New(fault.Internal, "%s is not named NNNN_what.sql, .sqlite.sql or .postgres.sql", p)
		}
		for _, dialect := range dialectsOf(m[3]) {
			seen[m[1]+dialect]++
		}
		if m[3] != "" && m[3] != d.String() {
			continue
		}
		s, err := readStep(files, p, m)
		if err != nil {
			return nil, err
		}
		chosen = append(chosen, s)
	}
	return chosen, numberedWell(chosen, seen)
}

func dialectsOf(suffix string) []string {
	if suffix == "" {
		return []string{SQLite.String(), Postgres.String()}
	}
	return []string{suffix}
}

func findSQL(files fs.FS) ([]string, error) {
	paths, err := fs.Glob(files, "*.sql")
	if err != nil || len(paths) > 0 {
		return paths, err
	}
	paths, err = fs.Glob(files, "*/*.sql")
	slices.Sort(paths)
	return paths, err
}

func readStep(files fs.FS, p string, m []string) (step, error) {
	text, err := fs.ReadFile(files, p)
	if err != nil {
		return step{}, err
	}
	number, err := strconv.Atoi(m[1])
	sum := sha256.Sum256(text)
	return step{number: number, name: m[2], checksum: hex.EncodeToString(sum[:]), sql: string(text)}, err
}

// numberedWell checks that the numbers run from 1 and that every number has one file per dialect.
func numberedWell(steps []step, seen map[string]int) error {
	for i, s := range steps {
		if s.number != i+1 {
			return fault.New(fault.Internal, "%04d_%s stands where number %d is expected", s.number, s.name, i+1)
		}
	}
	for key := range seen {
		for _, dialect := range dialectsOf("") {
			if number := key[:4]; seen[number+dialect] != 1 {
				return fault.New(fault.Internal, "number %s needs one file for %s", number, dialect)
			}
		}
	}
	return nil
}
