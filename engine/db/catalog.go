package db

import (
	"context"

	"github.com/ficushealth/ficus/fault"
)

// Kind is the form in which the values of a column travel from one database to another.
type Kind string

// The kinds. A boolean travels as 0 or 1; an array as its JSON, which is how SQLite keeps it.
const (
	Int     Kind = "int"
	Float   Kind = "float"
	Letters Kind = "text"
	Octets  Kind = "bytes"
)

// Column is a column of a table in the database.
type Column struct {
	Name string `json:"name"`
	Kind Kind   `json:"kind"`
	typ  string // as this database calls it
}

// kinds are the types that our schemas use, as the two databases name them.
var kinds = map[string]Kind{
	"integer": Int, "int": Int, "bigint": Int, "smallint": Int, "bool": Int, "boolean": Int,
	"real": Float, "double precision": Float,
	"text": Letters, "bigint[]": Letters,
	"blob": Octets, "bytea": Octets,
}

var catalog = struct{ tables, columns, identities Text }{
	tables: Text{
		SQLite: `SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite\_%' ESCAPE '\' ORDER BY name`,
		Postgres: `SELECT relname::text FROM pg_class WHERE relkind IN ('r', 'p') AND relnamespace = current_schema()::regnamespace
			ORDER BY relname::text COLLATE "C"`,
	},
	columns: Text{
		SQLite: `SELECT name, lower(type) FROM pragma_table_info($1) ORDER BY name`,
		Postgres: `SELECT attname::text, format_type(atttypid, NULL) FROM pg_attribute
			WHERE attrelid = to_regclass($1::text) AND attnum > 0 AND NOT attisdropped ORDER BY attname::text COLLATE "C"`,
	},
	identities: Text{
		SQLite: `SELECT name, name, name FROM sqlite_master WHERE 1 = 0`,
		Postgres: `SELECT c.relname::text, a.attname::text, pg_get_serial_sequence(quote_ident(c.relname), a.attname)
			FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
			WHERE c.relkind = 'r' AND c.relnamespace = current_schema()::regnamespace AND a.attidentity <> ''`,
	},
}

// Tables lists the tables of the database (on PostgreSQL, of the current schema), in the order of their names.
func (t Tx) Tables(ctx context.Context) (names []string, err error) {
	err = t.Query(ctx, catalog.tables, nil, func(r Row) error {
		names = append(names, r.Text(0))
		return nil
	})
	return names, err
}

// Columns lists the columns of a table in the order of their names, in which both databases agree; none if there is no
// such table. Faults: Internal for a type that is none of kinds.
func (t Tx) Columns(ctx context.Context, table string) (list []Column, err error) {
	err = t.Query(ctx, catalog.columns, []any{table}, func(r Row) error {
		c := Column{Name: r.Text(0), typ: r.Text(1)}
		var known bool
		if c.Kind, known = kinds[c.typ]; !known {
			return fault.New(fault.Internal, "column %s of table %s has the type %s, which cannot be copied", c.Name, table, c.typ)
		}
		list = append(list, c)
		return nil
	})
	return list, err
}

// Renumber lets every counter of PostgreSQL that fills a column go on behind the highest number in that column, after rows
// came in with their numbers. SQLite does so by itself.
func (t Tx) Renumber(ctx context.Context) error {
	var set []string
	err := t.Query(ctx, catalog.identities, nil, func(r Row) error {
		set = append(set, `SELECT setval('`+r.Text(2)+`', n) FROM (SELECT max(`+r.Text(1)+`) AS n FROM `+r.Text(0)+`) m WHERE n > 0`)
		return nil
	})
	for _, stmt := range set {
		if err == nil {
			err = t.Query(ctx, Same(stmt), nil, func(Row) error { return nil })
		}
	}
	return err
}
