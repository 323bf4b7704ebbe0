// Package raw is the limit that Ficus is measured against: a bare net/http
// server that carries out the bare SQL for the rows that the store writes.
//
// It owns no tables. It works on a copy of a database that Ficus has filled, from
// which it learns which rows a resource of each type has, and writes rows like
// them: the sealed body, the index rows, the outbox row, and one audit row for
// each commit. It reads bodies that have been opened beforehand. Concurrent
// writers share a commit, as in Ficus, with the same durability.
//
// It promises to do nothing else: it asks for no token, decides nothing,
// validates, seals, hashes and indexes nothing; of a bundle it parses the JSON
// strictly, because an import cannot do without. It goes to the database's driver
// directly. It must never be used for anything but measuring.
package raw
