// Package backup copies a database into one file and back, from either kind of
// database into either.
//
// # Promises
//
// Write sees one snapshot: what it writes is what was committed at one moment.
// It takes no locks but those of reading. A file appears under its name when it
// is whole and on the disk.
//
// Open reads every byte of an archive before anything is taken from it, and
// refuses one that was changed, cut off or put together, or was made under
// another installation key. Restore fills an empty database only, reads back
// what it has put in, and leaves a mark in the database until that has
// succeeded (Finished), so that a restore that was killed is not taken for a
// database.
//
// Memory is bounded: a few parts of 4 MiB, and a row.
//
// # The archive
//
// A tar file (POSIX ustar) of
//
//	about.json          form, versions, id of the installation key, time
//	TABLE/000001.zst    rows, compressed with zstd (RFC 8878); db.CopyOut says how a row looks
//	manifest.json       Manifest: schemas, tables, columns, row counts, BLAKE3 of each part, ends of the audit chains
//	manifest.mac        HMAC-SHA-256 of it, under a key derived from the installation key
//
// What is sealed in the database is sealed in the archive. Index rows, names of
// users, hashes of passwords are in it as they are in the database: in clear.
//
// # Tables
//
//	restore_unfinished  one row, while a database is being filled
//
// It never holds the installation key, never writes over a file, and never
// changes the database that it copies.
package backup
