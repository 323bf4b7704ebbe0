// Package mapping turns legacy rows into FHIR resources and module records, and
// those back into the rows they came from.
//
// It owns the mapping language: YAML files with expressions in CEL and
// terminology tables in CSV, described in docs/mapping.md. A rule is a lens: it
// says how a column becomes an element and how the element becomes the column
// again, so that one text serves the move, the proof and the stream back.
//
// What it promises:
//
//   - Forward and Inverse are pure: the same input gives the same bytes, on any
//     machine, at any time. Nothing is looked up; rows of other tables that a
//     rule needs come with the input.
//   - A column is mapped, kept, or dropped for a stated reason that is proved on
//     each row; a column that no rule names is a problem of the pack.
//   - Dirty data is a finding or puts its row into quarantine, never an error
//     and never a panic. NULL, the empty text and the zero date stay apart.
//   - A mistake in a mapping file is named by file, line and column.
//
// It never reads a source, writes to a store, or puts a value of a row into a
// text for people, but the codes of columns that a pack declares as such.
package mapping
