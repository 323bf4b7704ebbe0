// Package ledger keeps the books of a move: what became of every legacy row.
//
// It owns the tables strangler_row (one row per legacy row: mapped, filtered
// with a reason or quarantined; its fingerprint; which run wrote it),
// strangler_run and strangler_step (a run and where it is in each of its
// steps), strangler_chunk (one row per commit), strangler_finding (odd data,
// counted), strangler_quarantine (rows that could not be taken, sealed),
// strangler_seal (what each table held when the last run ended) and
// strangler_space (the name space of ids).
//
// What it promises:
//
//   - Nothing here is written but in the transaction of the change that it is
//     about, so books and data never differ.
//   - Advance moves a step on only for the process that holds the run's fence,
//     and only from where that process saw it: a zombie's commit fails.
//   - When a run ends, every table of the books is summed up under the tenant's
//     key (Seal), so that what others change in it can be told (Broken).
//   - A key is kept in full. Keys longer than the index can bear are cut and
//     made unique by a hash, with the whole key beside it.
//   - Fingerprints (Leaf, Digest, Tree) are keyed per tenant; no value of a row
//     can be guessed from them without the key.
//
// It never reads a source, maps a row or writes a resource.
package ledger
