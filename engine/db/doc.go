// Package db opens the database, SQLite or PostgreSQL, and offers one small
// transaction over both.
//
// It owns connections, prepared statements, transactions, the lock on a SQLite
// file, the schema runner and the mapping of database errors to faults. SQL is
// written by hand by those who call: one text where both databases agree
// (Same), a pair where they do not (Text). Placeholders are $1..$n in both.
//
// What it promises, on both databases:
//
//   - A write is durable when Write returns nil (Options.Durability Full) and
//     wholly absent when it returns an error, with one exception, which InDoubt
//     reports: the connection was lost while the commit was on its way.
//   - A failed statement fails its transaction; nothing after it is run.
//   - A Read sees one snapshot.
//   - Values travel unchanged: int64, float64, text (UTF-8 without NUL), bytes,
//     bool, and NULL. A nil []byte is NULL, an empty one is not.
//   - Errors and the texts in them hold no values of rows and no password.
//
// PostgreSQL round trips: the first call of a transaction carries BEGIN, and
// Last carries COMMIT, so a transaction of one Pipeline and one Last costs two
// round trips; Read with Last alone costs one.
//
// SQLite: WAL, one writer connection and a pool of readers. Write waits for the
// writer; do not call Write inside Write. A file is held by one writing process
// at a time (flock on PATH.lock, which the operating system releases when the
// process dies); a second one is refused with fault.Unavailable. Processes that
// only read may open the file with Options.ReadOnly beside it.
//
// It never builds SQL, never retries, never logs, and knows no table but its
// own schema_version(module, number, name, checksum, applied).
package db
