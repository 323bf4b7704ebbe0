// Package store is the only door through which a resource is read or written.
//
// A Desk is bound to one Principal, so that no path can forget who asks. What a
// desk does is checked by engine/access, guarded by the Rule of the type's owner,
// and audited; a write puts the version, its index rows, its audit entry and its
// event into one transaction. What it answers was durable before it answered.
//
// Layout. Table resource holds the current version of every resource under a
// number (rid) that stays with it for life, is ordered by creation and is what
// all index rows point at. resource_history holds the versions before it. Bodies
// are envelopes of engine/vault over the JSON exactly as it is served. The ix_
// tables hold the rows of fhir/index: the hash covers resource type, parameter
// and, for tokens, the value, so one narrow B-tree answers filter, default order
// and keyset paging at once. The key of every table and index begins with the tenant.
//
// Of a type of which the caller sees a part, that part is a condition (access.Narrow) in every statement: what he does not see
// is not found, not counted and led to by nothing, and is answered by its name as if it were not there. What has no rows,
// past versions and bodies that are about to be written, is asked by the rows that it would have (judge).
//
// A search is planned here, not by the database: a clause becomes look-ups in the
// ix_ tables, a step along a reference a look-up by ix_ref in either direction. What
// has no rows (words of narrative and content, identifiers to sort by) is read from bodies, a bounded number
// for one answer. So are contained resources, whose rows go along with the statement. Who asks about other resources on the way needs the right to search them.
//
// A tenant may define search parameters of its own. Their set has an edition; a group of writes commits only under the one
// by which its rows were made, and a job walks through what was there before (Kinds).
//
// The form of the index rows has an edition for each tenant. What an older program has stored is compared with its bodies and
// repaired by a job, as CheckIndex compares and RepairIndex repairs at any time.
//
// Writes that arrive at the same time share a commit (a write group): what they
// must know is read for all of them in one round trip, what they change is
// written in a second one. Members of a group are taken one by one where they
// touch the same resource, and fail one by one. Between processes, advisory locks
// taken in sorted order keep two groups off the same resource, so groups neither
// deadlock nor lose updates, and conditional creates do not race.
//
// Above these stands the lock of the tenant: who plans a change by what it reads (Alone) has its tenant to itself from the plan to the
// commit. So references are moved from one resource to another that takes its place (table resource_successor), after which nothing
// refers to the first anew.
//
// The package never parses a request, never speaks HTTP, and knows no module.
package store
