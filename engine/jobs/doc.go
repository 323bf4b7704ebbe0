// Package jobs runs work in the background: once, again after a failure, or
// every so often.
//
// # Promises
//
// A job is enqueued in the transaction of the change that asks for it, so both
// happen or neither. It runs at least once, and in one place at a time: a runner
// claims it under a lease and keeps the lease by heartbeats. If the process
// dies, the lease runs out and another runner starts the job again with its last
// checkpoint. A checkpoint is written in the transaction of the work it stands
// for and refused to a runner that has lost its lease, so work under
// checkpoints is done exactly once.
//
// A job that fails is tried again, later each time, until its attempts are used
// up; a checkpoint starts the count anew, so that long work is not given up for
// dying often while it moves on. Cancelling ends a waiting job at once and a
// running one through its context. Stop a runner by its context: its jobs get
// theirs cancelled, and go back to the queue without a lost attempt.
//
// Leases compare the clocks of the machines; they may differ by a few seconds.
// A greater difference may run a job twice at a time, which the checkpoints
// withstand.
//
// # Table
//
//	job (id, tenant, kind, ...)  see schema/; tenant 0 is the installation
//
// Claiming looks for due jobs of all tenants, so it is the one query here that
// is not keyed by tenant. Payloads, checkpoints, notes and errors must hold no
// patient data: ids and positions only.
//
// # Two databases
//
// This queue works on both. On PostgreSQL, River takes over the running of
// jobs when the live strangler spreads work over nodes; callers will not see
// it (docs/decisions/0004-jobs.md).
package jobs
