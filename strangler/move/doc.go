// Package move carries the rows of a legacy source into the store, through a
// mapping, and keeps the books while it does.
//
// A run is a list of steps. A walk goes over the root table of one map in the
// order of its keys: rows with their children are read, compared with the
// ledger, mapped where they are new or have changed, and written in batches. A
// sweep goes over a table of children afterwards and finds those that no root
// owns.
//
// What it promises:
//
//   - A batch is one transaction of the store: resources, records, ledger,
//     crosswalk, quarantine and the place where the run is. After kill -9 a run
//     goes on behind the last batch that was committed.
//   - A row that has not changed since it was taken writes nothing; neither does
//     one that changed in nothing that is mapped. There are no new versions
//     without new content.
//   - What was changed here is not overwritten: a row that changed on both sides
//     goes into quarantine. A resource tells by its version, a record by the
//     fingerprint that the crosswalk keeps of it.
//   - A target that its row has no more, because it is filtered now or mapped
//     otherwise, is deleted; that of a row which vanished from the source only on
//     request. One that was changed here is left and counted.
//   - A row that cannot be mapped, or that the store refuses, goes into
//     quarantine with its image, its rule and the reason; the others go on.
//   - Whoever starts a run last holds it; a process that was taken for dead and
//     is not cannot commit any more.
//
// It never judges a row itself, never changes the source, and puts no value of a
// row into a text.
package move
