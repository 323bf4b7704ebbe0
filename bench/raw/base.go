package raw

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
)

// base is a database, as bare as its driver.
type base interface {
	// tables lists the columns of every table that has one of these columns.
	tables(ctx context.Context, having ...string) (map[string][]column, error)
	rows(ctx context.Context, sql string, args ...any) ([][]any, error)
	// write carries out all steps in one durable transaction and as few round trips as there can be.
	write(ctx context.Context, steps []step) error
	// load is write for many rows.
	load(ctx context.Context, steps []step) error
	// run carries out a statement by itself.
	run(ctx context.Context, sql string) error
	close()
}

// column has the type that PostgreSQL gives it; SQLite does not need it.
type column struct{ name, kind string }

// list is the kind of a column that holds several numbers: unnest would take such arrays apart, so they travel as text.
const list = "ARRAY"

// sent is the type in which values travel.
func (c column) sent() string {
	if c.kind == list {
		return "text"
	}
	return c.kind
}

func (c column) cast() string {
	if c.kind == list {
		return "::bigint[]"
	}
	return ""
}

// step is a statement that is run for each of its rows: on SQLite one by one, on PostgreSQL at once,
// with an array for each column.
type step struct {
	lite, pg string
	table    string // of an insert
	columns  []column
	rows     [][]any
}

// open opens sqlite:PATH or postgres://...
func open(ctx context.Context, url string, o Options) (base, error) {
	if path, found := strings.CutPrefix(url, "sqlite:"); found {
		return openLite(ctx, path, o)
	}
	return openPG(ctx, url, o)
}

// insert builds a step that adds rows to a table.
func insert(table string, columns []column) step {
	var names, marks, arrays, picked []string
	for i, c := range columns {
		picked = append(picked, "u."+c.name+c.cast())
		names = append(names, c.name)
		marks = append(marks, fmt.Sprintf("?%d", i+1))
		arrays = append(arrays, fmt.Sprintf("$%d::%s[]", i+1, c.sent()))
	}
	head := "INSERT INTO " + table + " (" + strings.Join(names, ",") + ") "
	s := step{table: table, columns: columns, lite: head + "VALUES (" + strings.Join(marks, ",") + ")"}
	s.pg = head + "SELECT " + strings.Join(picked, ",") + " FROM unnest(" + strings.Join(arrays, ",") + ") u(" + strings.Join(names, ",") + ")"
	return s
}

// batch merges the steps of several writers, those with the same statement into one.
func batch(all [][]step) []step {
	var out []step
	at := map[string]int{}
	for _, steps := range all {
		for _, s := range steps {
			i, known := at[s.lite]
			if !known {
				at[s.lite] = len(out)
				out = append(out, s)
				continue
			}
			out[i].rows = append(out[i].rows[:len(out[i].rows):len(out[i].rows)], s.rows...)
		}
	}
	for _, s := range out {
		s.sort()
	}
	return out
}

// sort puts rows of an index in its order, so that neighbours go into the same pages.
func (s step) sort() {
	at := slices.IndexFunc(s.columns, func(c column) bool { return c.name == "hash" })
	if at < 0 {
		return
	}
	slices.SortStableFunc(s.rows, func(a, b []any) int { return cmp.Compare(a[at].(int64), b[at].(int64)) })
}
