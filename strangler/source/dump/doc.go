// Package dump reads the SQL dump files of mysqldump, mariadb-dump and
// phpMyAdmin without a database server: the structure of the tables and, in one
// pass, all rows.
//
// It owns the grammar of such files: character sets of the connection, escapes,
// hex and bit literals, conditional comments, delimiters, several databases in
// one file, the history of system-versioned tables. It promises that memory
// grows with the longest row only, that no value is changed by reading (numbers
// and dates stay literals; text becomes UTF-8 and keeps its bytes beside it
// where they differ), and that a file that breaks off or breaks the grammar is
// refused with line, byte, statement and table. It never runs SQL: triggers,
// routines, events and views are counted and passed over, and a statement that
// would change rows already read is refused.
//
// Whether a file is whole: mysqldump closes with a comment "-- Dump completed".
// Where the file opens with the comment of such a tool, the closing one must be
// there. Where settings are put aside at the beginning (SET @OLD_SQL_MODE =
// @@SQL_MODE), as all but --compact dumps do, one must be given back at the
// end. In any case the last statement must be closed by its delimiter, and
// without comments the file by a line end: a --compact dump that was cut off
// between two statements cannot be told from a whole one.
//
// Subpackage stage keeps the rows of a dump so that they can be read in the
// order of their keys, and found by other columns.
package dump
