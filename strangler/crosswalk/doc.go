// Package crosswalk says which thing here came from which row there, and back.
//
// It owns the tables strangler_name (a dictionary: names of legacy tables,
// maps, slots, resource types and reasons become small numbers, per tenant) and
// strangler_link (legacy table and key -> type, id and version of what was
// written for it, and of a record the fingerprint; a row may have several targets,
// told apart by their slot).
//
// A link is written in the transaction of the change that writes its target.
// Ids of targets are computed from the key (UUIDv5), so the crosswalk is never
// needed to write; it is needed to look back: from a resource to its row, to
// find what a vanished row left behind, and to know at which version a target
// came from the legacy side.
//
// It never reads a legacy source or a body.
package crosswalk
