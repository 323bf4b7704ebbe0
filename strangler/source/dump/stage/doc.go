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
// The file holds rows of patients, so it is sealed, page by page, under a key that
// the asker gives (Keys): who has the folder without the database can read nothing
// in it, and change nothing unseen. It may be deleted whenever no command uses it;
// the next one makes it anew. While it is made, the rows lie in the clear in a file
// without a name (on Windows: with one), and so does what indexing spills to the
// folder of TMPDIR; both are gone when the program ends, however it ends.
package stage
