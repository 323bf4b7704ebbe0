package source

import (
	"context"
	"iter"
)

// Identity says which source it is, so that a run is never continued on another one.
type Identity struct {
	Kind string // "dump"
	Name string // for people: the file's name
	Hash string // of a dump: "blake3:" and the hash of the file's bytes in hex
}

// Count says how many rows a table holds.
type Count struct {
	Rows    int64 // current rows
	History int64 // old versions of a system-versioned table; no part of Rows
}

// Source gives legacy rows.
type Source interface {
	// Identity says which source it is.
	Identity() Identity

	// Tables are all tables, also those that nobody reads, by database and name.
	Tables(ctx context.Context) ([]*Table, error)

	// Count counts the rows of a table.
	Count(ctx context.Context, t *Table) (Count, error)

	// Rows gives the current rows behind from (the zero Position: all) in the order of their keys. A row is valid until the
	// next one. fault.Unknown if the source does not hold the rows of t.
	Rows(ctx context.Context, t *Table, from Position) iter.Seq2[Row, error]
}

// Family is a source that finds rows also by columns other than the key, as a mapping needs for children and code tables.
type Family interface {
	Source

	// Children gives the rows of t whose columns hold the values, in the order declared for these columns. NULL and absent
	// values match nothing, and text matches byte for byte. A row is valid until the next one. fault.Unknown if nothing was declared for them.
	Children(ctx context.Context, t *Table, columns []string, values []Cell) iter.Seq2[Row, error]
}
