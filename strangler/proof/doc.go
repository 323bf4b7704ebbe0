// Package proof compares what was moved with where it came from, through the
// mapping, and signs what it found.
//
// It reads both sides anew; nothing that it compares is what the move had in its
// hands. The checks:
//
//   - row space: what the store returns, mapped back, is the row of the source;
//   - resource space: the row of the source, mapped anew, is what is stored;
//   - index: the index rows are those that the stored bodies ask for;
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
//     here and is compared as it was moved. A record has no versions: one that was
//     changed here is a difference, and the fingerprint that the crosswalk keeps
//     of it must be that of what was moved.
//
// What it cannot see, and does not state:
//
//   - what stood in the body of a version that a later move replaced: the source
//     does not hold that row any more;
//   - the instant of a tombstone, as long as it lies between its neighbours, and
//     which of PUT and PATCH made a version that was written here;
//   - a twin that claims no row, because nothing in it leads back to a key: what
//     only follows from a row (all targets but the one that owns it), or has lost
//     what says where it came from. It counts as made here, and the certificate
//     says how many did;
//   - numbers that were given to targets which no reference names any more, or
//     ever did. The certificate says how many targets are missing.
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
