// Package stage keeps the rows of a dump where they can be read in the order of
// their keys and found by other columns: a dump is a stream, and its tables come
// in alphabetical order, not in the order in which rows belong together.
//
// It owns one SQLite file per dump and set of wanted tables, made in a single
// pass over the dump. It promises that memory stays bounded, that a file is
// there whole or not at all (it is built under another name and renamed), that
// it is used again for the same dump and the same wishes and made anew for any
// other, and that two processes do not build the same file at once. Rows of
// other tables are counted in the same pass. It never changes the dump.
//
// The file holds the rows in the clear, as the dump does: keep its folder as
// you keep the dump. Indexing may spill to the folder of TMPDIR.
package stage
