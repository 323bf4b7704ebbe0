package jobs

import "github.com/ficushealth/ficus/engine/db"

var (
	insertJob = db.Same(`INSERT INTO job (tenant, kind, key, state, payload, run_at, every, attempt, attempts, cancel, done, total, note, error, created)
		VALUES ($1, $2, $3, 'waiting', $4, $5, $6, 0, $7, false, 0, 0, '', '', $8)
		ON CONFLICT (tenant, kind, key) WHERE state IN ('waiting', 'running') DO NOTHING RETURNING id`)

	findKey = db.Same(`SELECT id FROM job WHERE tenant = $1 AND kind = $2 AND key = $3 AND state IN ('waiting', 'running')`)

	// anyDue costs a look at the heads of two small indexes, so that an idle runner does not open writing transactions.
	anyDue = db.Text{
		SQLite: `SELECT EXISTS (SELECT 1 FROM job WHERE state = 'waiting' AND run_at <= $1 AND kind IN (SELECT value FROM json_each($2)))
			OR EXISTS (SELECT 1 FROM job WHERE state = 'running' AND lease_until <= $1 AND kind IN (SELECT value FROM json_each($2)))`,
		Postgres: `SELECT EXISTS (SELECT 1 FROM job WHERE state = 'waiting' AND run_at <= $1 AND kind = ANY($2::text[]))
			OR EXISTS (SELECT 1 FROM job WHERE state = 'running' AND lease_until <= $1 AND kind = ANY($2::text[]))`,
	}

	// claim: $1 lease, $2 until, $3 now, $4 kinds, $5 how many.
	claim = db.Text{
		SQLite: `UPDATE job SET state = 'running', lease = $1, lease_until = $2, attempt = attempt + 1, started = $3, finished = NULL
			WHERE id IN (SELECT id FROM job WHERE kind IN (SELECT value FROM json_each($4))
				AND (state = 'waiting' AND run_at <= $3 OR state = 'running' AND lease_until <= $3) ORDER BY run_at, id LIMIT $5)` + claimed,
		Postgres: `WITH due AS MATERIALIZED (SELECT id AS due_id FROM job WHERE kind = ANY($4::text[])
				AND (state = 'waiting' AND run_at <= $3 OR state = 'running' AND lease_until <= $3)
				ORDER BY run_at, id LIMIT $5 FOR UPDATE SKIP LOCKED)
			UPDATE job SET state = 'running', lease = $1, lease_until = $2, attempt = attempt + 1, started = $3, finished = NULL
			FROM due WHERE id = due_id` + claimed,
	}

	// beat keeps leases: columns id, lease, until, done, total, note. It gives the index and whether cancelling was asked for.
	beat = db.Text{
		SQLite: `UPDATE job SET lease_until = $3, done = $4, total = $5, note = $6
			WHERE id = $1 AND lease = $2 AND state = 'running' RETURNING $7, cancel`,
		Postgres: `UPDATE job SET lease_until = i.until, done = i.done, total = i.total, note = i.note
			FROM unnest($1::int8[], $2::text[], $3::int8[], $4::int8[], $5::int8[], $6::text[])
				WITH ORDINALITY AS i(id, lease, until, done, total, note, n)
			WHERE job.id = i.id AND job.lease = i.lease AND job.state = 'running' RETURNING i.n - 1, job.cancel`,
	}

	saveCheckpoint = db.Same(`UPDATE job SET checkpoint = $3, attempt = 0 WHERE id = $1 AND lease = $2 AND state = 'running'`)

	finish = db.Same(`UPDATE job SET state = $3, run_at = $4, attempt = $5, error = $6, done = $7, total = $8, note = $9,
			finished = $10, checkpoint = CASE WHEN $11 THEN NULL ELSE checkpoint END, cancel = false, lease = NULL, lease_until = NULL
		WHERE id = $1 AND lease = $2 AND state = 'running'`)

	// keepPeriod: $1 kind, $2 key, $3 period, $4 attempts, $5 latest next turn.
	keepPeriod = db.Same(`UPDATE job SET every = $3, attempts = $4, run_at = CASE WHEN run_at > $5 THEN $5 ELSE run_at END
		WHERE tenant = 0 AND kind = $1 AND key = $2 AND state IN ('waiting', 'running')`)

	dropPeriod = db.Same(`DELETE FROM job WHERE tenant = 0 AND kind = $1 AND key = $2 AND state = 'waiting'`)

	cancelJob = db.Same(`UPDATE job SET cancel = true, state = CASE WHEN state = 'waiting' THEN 'cancelled' ELSE state END,
			finished = CASE WHEN state = 'waiting' THEN $3 ELSE finished END
		WHERE tenant = $1 AND id = $2 AND (state = 'running' OR state = 'waiting' AND every = 0)`)

	retryJob = db.Same(`UPDATE job SET state = 'waiting', run_at = $3, attempt = 0, cancel = false, finished = NULL
		WHERE tenant = $1 AND id = $2 AND state IN ('failed', 'cancelled')`)

	purgeJobs = db.Same(`DELETE FROM job WHERE state IN ('done', 'failed', 'cancelled') AND finished < $1`)

	oneJob = db.Same(`SELECT ` + statusColumns + ` FROM job WHERE tenant = $1 AND id = $2`)

	listJobs = db.Same(`SELECT ` + statusColumns + ` FROM job WHERE tenant = $1 AND id < $2 ORDER BY id DESC LIMIT $3`)
)

const (
	claimed       = ` RETURNING id, tenant, kind, payload, checkpoint, attempt, attempts, cancel, run_at, every, done, total, note`
	statusColumns = `id, tenant, kind, state, attempt, run_at, done, total, note, error, created, started, finished, cancel`
)
