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
//     nothing else does;
//   - quarantine: the images that are kept are the rows of the source;
//   - extra targets: nothing in the store claims a legacy row but its own target;
//   - versions: each target is there in the version that was moved, with all
//     versions before it. What was changed here since counts as changed here and
//     is compared as it was moved.
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
