// Package audit is the append-only record of who saw or changed what.
//
// # Promises
//
// The entry of a change is stored in the transaction of the change (Append); the
// entry of a read or a refusal is on disk before its caller goes on (Record).
// Entries are never updated. A Sealer moves them into a chain of blocks per
// tenant, in which every block holds the hash of the one before it. Verify finds
// any byte that was changed, any entry or block that was removed, put elsewhere
// or made up by somebody who has the database but not the key, and names the
// first bad place.
//
// # How
//
// What one transaction or one batch of reads has to say about a tenant is one
// row of audit_pending: a blob of entries with a MAC (HMAC-SHA-256, 16 bytes of it). A Log is a
// writer, with an id of its own and a counter per tenant, so a row that vanishes
// leaves a gap. A rolled-back transaction leaves one too, and so a later row of
// the writer says which numbers were given up (void), whose commit is not known
// (doubt), or which are still under way (open): a gap that no row explains is a
// removed row. The sealer packs rows, with their MACs and counters, into
// audit_block, chains it by a keyed hash (HMAC-SHA-256), and deletes the rows in the same
// transaction.
//
// # What the owner of the database could still do
//
// Without the key: cut off the newest blocks and rows, together with all that
// would explain them. An anchor, an append-only file elsewhere, shows that, as far
// back as its last line; who owns database and anchor can cut both to the same
// length. With the key, everything; keep it elsewhere.
//
// # Tables
//
//	audit_pending (tenant, seq) one blob: writer, counter, at, mac, body
//	audit_block   (tenant, n)   one block: prev, hash, first, last, count, body
//	audit_run     (tenant, low)      the index of blocks low to high is a run of so many pairs
//	audit_post    (tenant, run, hash, n)  a page of a run: its first pair, and body, the others
//	audit_day     (tenant, day)      first and last block with an entry of the day
//	audit_pruned  (tenant, upto)     what was pruned, signed, and how far the writers had counted
//
// # Formats
//
// Numbers are varints of encoding/binary (u: unsigned, s: zigzag). A body of
// audit_pending, version 2:
//
//	byte 2
//	u number of gaps, each: u distance from the end of the one before, u length*4 + kind (0 void, 1 doubt, 2 open)
//	u number of entries, each: u length, then
//	  s microseconds since the entry before (the first: since 1970 UTC)
//	  word action, outcome, subject, client, address, purpose, name, session, agent, reason; text request id
//	  u number of things, each: word type, text id, u version
//	  word query, text detail; u number of patients, text id of each; if a thing has a mark, 8 bytes for each, little endian
//
// Version 1, which older programs wrote, has no name, session, agent, reason and patients.
// A text is u length and bytes. A word is u 0 and a text, or u i for the i-th of
// the first 128 words that this body spelled out. The body of a block: byte 1,
// then zstd over its rows, each: 16 bytes writer, u counter, s at, 16 bytes MAC,
// text body.
//
// A pair is a keyed hash (32 bits) of what an entry has and the number of a block that has such an entry; a run has them
// sorted. The body of a page, for each pair behind the first: u distance of the hashes, u distance of the blocks if the
// hash is the same, else of the block from the first of the run. Blocks behind the last run are not posted yet.
//
// It holds no values of elements and no values of search parameters, and decides
// nothing about access. It deletes what a Pruner is told to, and
// keeps a signed record of that; nothing else.
package audit
