// Package proof compares what was moved with where it came from, through the
// mapping, and signs what it found.
//
// It reads both sides anew; nothing that it compares is what the move had in its
// hands. The checks:
//
//   - row space: what the store returns, mapped back, is the row of the source;
//   - resource space: the row of the source, mapped anew, is what is stored;
//   - index: the index rows are those that the stored bodies ask for, each once,
//     and the units of their quantities are listed;
//   - golden rows: the pack maps examples written by hand as it should, so that a
//     rule that is wrong but can be turned round is found;
//   - ledger: every row of a covered table stands in the books as it is, and
//     nothing else does; no link of the crosswalk is of a row that is not in the
//     ledger or gives a row another id than the mapping;
//   - quarantine: the images that are kept are the rows of the source;
//   - extra targets: no resource and no record of a kind that the pack writes
//     claims a legacy row but its own target, whatever links of no row say;
//   - versions: each target is there in the version that was moved, with all
//     versions before it. Every version opens, is by its body the version of the
//     instant that the columns say, later than the one before, and made by a
//     method that can have made it. What was changed here since counts as changed
//     here and is compared as it was moved: a resource in that version, a record
//     by the fingerprint that the crosswalk keeps of it, once its stamp has shown
//     that it was changed through the store;
//   - audit: what was written, as the audit record says, is what is stored, and
//     nothing else is: every version of every resource of the tenant, whoever
//     wrote it, with its number, its method and its instant, and every write of a
//     record. The audit record itself is verified first;
//   - outbox: it tells of each of these versions what the audit record and the
//     store say, of nothing that nobody emitted, and its numbers have no gap.
//
// What counts is which rows lead back to something that cannot be made up without
// a key of the vault: the rows of the source through the mapping; the sealed
// bodies, from which all index rows follow and every number that is kept for a
// reference's target; the entries of the audit record, from which versions, events
// and records follow; and the seals that a run puts on the tables of ledger,
// crosswalk and quarantine when it ends. TestNoColumnCanBeChangedUnseen changes
// every column of every table that it speaks for.
//
// What it cannot see, and does not state:
//
//   - what stood in the body of a version that a later move replaced: the source
//     does not hold that row any more;
//   - that the end of the audit record was cut off together with all that was
//     written at that time, unless it is given the anchor, a file elsewhere;
//   - that the whole database is an older copy of itself;
//   - a unit that is listed for searches and that no quantity has any more;
//   - how far a handler of events has come, as long as it is not ahead of them.
//
// Both sides of the first check are summed up in keyed digests, chunk by chunk,
// and these in Merkle roots, one per table and one over all: that of the source
// and that of the store are equal exactly if no mapped row differs (but for a
// chance of n^2/2^128). The certificate states all of it and is signed with the
// installation's Ed25519 key; see Canonical for what the signature covers.
//
// The package writes nothing to the store, and its texts hold keys and names of
// columns and elements, never a value.
package proof
