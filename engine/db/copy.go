package db

import (
	"context"
	"slices"
	"strconv"
	"strings"
)

// Table is what a copy of the database holds of a table; see Schema.
type Table struct {
	Name    string
	LeftOut string   // why a copy holds nothing of it; empty: it does
	Omit    []string // columns that only one of the databases has, and fills itself
	Read    Text     // a statement whose rows are copied instead of those of the table; empty: these
}

// Copied are the columns of a table that a copy holds: those that Omit does not name.
func (t Tx) Copied(ctx context.Context, table Table) (list []Column, err error) {
	all, err := t.Columns(ctx, table.Name)
	for _, c := range all {
		if !slices.Contains(table.Omit, c.Name) {
			list = append(list, c)
		}
	}
	return list, err
}

// CopyOut calls row for every row of a table, in no order, with its values in the form that CopyIn takes, whatever the
// database. The bytes are valid during the call only.
func (t Tx) CopyOut(ctx context.Context, table Table, cols []Column, row func([]byte) error) error {
	var buf []byte
	return t.Query(ctx, t.reading(table, cols), nil, func(r Row) error {
		buf = appendRow(buf[:0], cols, r)
		return row(buf)
	})
}

func (t Tx) reading(table Table, cols []Column) Text {
	from := quoted(table.Name)
	if read := table.Read.in(t.c.dialect); read != "" {
		from = "(" + read + ") AS t"
	}
	list := make([]string, len(cols))
	for i, c := range cols {
		list[i] = quoted(c.Name)
		if c.array() {
			list[i] = "array_to_json(" + quoted(c.Name) + ")::text"
		}
	}
	return Same("SELECT " + strings.Join(list, ", ") + " FROM " + from)
}

// array reports whether PostgreSQL keeps an array where SQLite keeps JSON.
func (c Column) array() bool { return strings.HasSuffix(c.typ, "[]") }

func quoted(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` }

// CopyIn adds rows to a table whose columns are cols, as Copied gives them for this database. rows holds one row behind the
// other as CopyOut gave them, perhaps in the other kind of database. It returns how many there were. Faults: Invalid for
// bytes that are no such rows, and for a number that is none (NaN), which SQLite cannot keep.
func (t Tx) CopyIn(ctx context.Context, table string, cols []Column, rows []byte) (n int64, err error) {
	for len(rows) > 0 {
		b := newBatch(cols)
		if rows, err = b.take(rows, t.c.dialect); err != nil {
			return n, at(err, 0, 1, "table "+table)
		}
		if err := t.Each(ctx, t.adding(table, cols), b.slices()...); err != nil {
			return n, err
		}
		n += int64(b.rows)
	}
	return n, nil
}

func (t Tx) adding(table string, cols []Column) Text {
	names, marks, casts, values := make([]string, len(cols)), make([]string, len(cols)), make([]string, len(cols)), make([]string, len(cols))
	for i, c := range cols {
		names[i], marks[i] = quoted(c.Name), "$"+strconv.Itoa(i+1)
		casts[i], values[i] = marks[i]+"::"+c.typ+"[]", names[i]
		if c.array() {
			casts[i] = marks[i] + "::text[]"
			values[i] = "CASE WHEN " + names[i] + " IS NOT NULL THEN ARRAY(SELECT x::" + strings.TrimSuffix(c.typ, "[]") +
				" FROM json_array_elements_text(" + names[i] + "::json) WITH ORDINALITY AS e (x, i) ORDER BY i) END"
		}
	}
	into := "INSERT INTO " + quoted(table) + " (" + strings.Join(names, ", ") + ") "
	return Text{
		SQLite: into + "VALUES (" + strings.Join(marks, ", ") + ")",
		// a column that a counter fills takes the numbers that come
		Postgres: into + "OVERRIDING SYSTEM VALUE SELECT " + strings.Join(values, ", ") +
			" FROM unnest(" + strings.Join(casts, ", ") + ") AS u (" + strings.Join(names, ", ") + ")",
	}
}
