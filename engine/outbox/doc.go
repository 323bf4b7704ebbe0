// Package outbox keeps the events of a change with the change, and delivers
// them after it.
//
// # Promises
//
// An event is written in the transaction of its change (Append), so both happen
// or neither. Rows are written once and never updated. After the commit a
// Sequencer gives every event a dense feed number, 1, 2, 3, ...; a number, once
// given, stays, and no event that commits late is passed over. A Relay hands
// the events to handlers in the order of the feed, at least once each; a
// handler that fails is asked again, later and later, and in the end the event
// is put aside where people see it (Dead), so that one bad event does not stop
// the rest.
//
// # Why not follow the change numbers
//
// On PostgreSQL a change takes its number when it is written and shows itself
// when it commits, so 7 may appear after 9. Whoever follows raw numbers loses 7.
// The sequencer keeps a floor: every change up to it is in the feed or will
// never appear. To raise the floor it notes the highest change it has seen, M,
// and then takes a transaction id of its own, X. A change gets its number only
// after its transaction has an id (the INSERT makes sure of that), so every
// number up to M belongs to an id below X; once all of those have ended, M is
// the floor. The xmax of a snapshot would not do for X: it is the last finished
// id plus one, and a running transaction may well have a higher one.
//
// On SQLite the order of numbers is the order of commits and there are no gaps,
// so the change number is the feed number and nothing has to be stored.
//
// # Tables
//
//	outbox         (tenant, change) one event
//	outbox_run     first, change, count: changes change..change+count-1 have the feed numbers first..first+count-1
//	outbox_floor   one row: floor, mark (M), mark_xid (X)
//	outbox_cursor  per handler: the last feed number it has done, its lease, its failures
//	outbox_dead    (tenant, handler, n) deliveries that were given up
//
// Runs, floor and cursors are bookkeeping of the whole database, so they have no
// tenant.
//
// It never looks into a payload and never deletes an event.
package outbox
