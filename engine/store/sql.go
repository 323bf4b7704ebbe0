package store

import "github.com/ficushealth/ficus/engine/db"

// All SQL by which the store changes its tables.

var insertResource = db.Text{
	SQLite: `INSERT INTO resource (tenant, type, id, rid, version, updated, method, deleted, present, body, shared)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, NULLIF($11, ''))`,
	Postgres: `INSERT INTO resource (tenant, type, id, rid, version, updated, method, deleted, present, body, shared)
		SELECT q.tenant, q.type, q.id, q.rid, q.version, q.updated, q.method, q.deleted, q.present, q.body, ` + keysOfText + `
		FROM unnest($1::int4[], $2::int2[], $3::text[], $4::int8[], $5::int4[], $6::int8[], $7::int2[], $8::bool[], $9::text[], $10::bytea[], $11::text[])
			AS q(tenant, type, id, rid, version, updated, method, deleted, present, body, shared)`,
}

var insertPlaceholder = db.Text{
	SQLite: `INSERT INTO resource (tenant, type, id, rid, version, updated, method, deleted, present, body)
		VALUES ($1, $2, $3, $4, 0, 0, 0, TRUE, '', NULL) ON CONFLICT DO NOTHING`,
	Postgres: `INSERT INTO resource (tenant, type, id, rid, version, updated, method, deleted, present, body)
		SELECT q.tenant, q.type, q.id, q.rid, 0, 0, 0, TRUE, '', NULL
		FROM unnest($1::int4[], $2::int2[], $3::text[], $4::int8[]) AS q(tenant, type, id, rid)
		ORDER BY q.tenant, q.type, q.id ON CONFLICT DO NOTHING`,
}

// keepVersion moves the current version to the history; a placeholder has none.
var keepVersion = db.Text{
	SQLite: `INSERT INTO resource_history (tenant, rid, version, type, updated, method, deleted, body)
		SELECT tenant, rid, version, type, updated, method, deleted, body FROM resource WHERE tenant = $1 AND rid = $2 AND version > 0`,
	Postgres: `INSERT INTO resource_history (tenant, rid, version, type, updated, method, deleted, body)
		SELECT r.tenant, r.rid, r.version, r.type, r.updated, r.method, r.deleted, r.body
		FROM unnest($1::int4[], $2::int8[]) AS q(tenant, rid) JOIN resource r ON r.tenant = q.tenant AND r.rid = q.rid WHERE r.version > 0`,
}

var updateResource = db.Text{
	SQLite: `UPDATE resource SET version = $3, updated = $4, method = $5, deleted = $6, present = $7, body = $8, shared = NULLIF($9, '') WHERE tenant = $1 AND rid = $2`,
	Postgres: `UPDATE resource r SET version = q.version, updated = q.updated, method = q.method, deleted = q.deleted, present = q.present, body = q.body,
			shared = ` + keysOfText + `
		FROM unnest($1::int4[], $2::int8[], $3::int4[], $4::int8[], $5::int2[], $6::bool[], $7::text[], $8::bytea[], $9::text[])
			AS q(tenant, rid, version, updated, method, deleted, present, body, shared)
		WHERE r.tenant = q.tenant AND r.rid = q.rid`,
}

var addToken = db.Text{
	SQLite:   `INSERT INTO ix_token (tenant, hash, rid, system) VALUES ($1, $2, $3, $4)`,
	Postgres: `INSERT INTO ix_token (tenant, hash, rid, system) SELECT * FROM unnest($1::int4[], $2::int8[], $3::int8[], $4::int4[])`,
}

var dropToken = db.Text{
	SQLite: `DELETE FROM ix_token WHERE tenant = $1 AND hash = $2 AND rid = $3 AND system = $4`,
	Postgres: `DELETE FROM ix_token x USING unnest($1::int4[], $2::int8[], $3::int8[], $4::int4[]) AS q(tenant, hash, rid, system)
		WHERE x.tenant = q.tenant AND x.hash = q.hash AND (x.hash >> 32)::int4 = (q.hash >> 32)::int4 AND x.rid = q.rid AND x.system = q.system`,
}

var addString = db.Text{
	SQLite:   `INSERT INTO ix_string (tenant, hash, value, rid, exact) VALUES ($1, $2, $3, $4, $5)`,
	Postgres: `INSERT INTO ix_string (tenant, hash, value, rid, exact) SELECT * FROM unnest($1::int4[], $2::int8[], $3::text[], $4::int8[], $5::int4[])`,
}

var dropString = db.Text{
	SQLite: `DELETE FROM ix_string WHERE tenant = $1 AND hash = $2 AND value = $3 AND rid = $4 AND exact = $5`,
	Postgres: `DELETE FROM ix_string x USING unnest($1::int4[], $2::int8[], $3::text[], $4::int8[], $5::int4[]) AS q(tenant, hash, value, rid, exact)
		WHERE x.tenant = q.tenant AND x.hash = q.hash AND x.value = q.value AND x.rid = q.rid AND x.exact = q.exact`,
}

var addDate = db.Text{
	SQLite:   `INSERT INTO ix_date (tenant, hash, lo, hi, rid) VALUES ($1, $2, $3, $4, $5)`,
	Postgres: `INSERT INTO ix_date (tenant, hash, lo, hi, rid) SELECT * FROM unnest($1::int4[], $2::int8[], $3::int8[], $4::int8[], $5::int8[])`,
}

var dropDate = db.Text{
	SQLite: `DELETE FROM ix_date WHERE tenant = $1 AND hash = $2 AND lo = $3 AND hi = $4 AND rid = $5`,
	Postgres: `DELETE FROM ix_date x USING unnest($1::int4[], $2::int8[], $3::int8[], $4::int8[], $5::int8[]) AS q(tenant, hash, lo, hi, rid)
		WHERE x.tenant = q.tenant AND x.hash = q.hash AND x.lo = q.lo AND x.hi = q.hi AND x.rid = q.rid`,
}

var addNumber = db.Text{
	SQLite: `INSERT INTO ix_number (tenant, hash, lo, hi, code, system, rid) VALUES ($1, $2, $3, $4, $5, $6, $7)`,
	Postgres: `INSERT INTO ix_number (tenant, hash, lo, hi, code, system, rid)
		SELECT * FROM unnest($1::int4[], $2::int8[], $3::float8[], $4::float8[], $5::int4[], $6::int4[], $7::int8[])`,
}

var dropNumber = db.Text{
	SQLite: `DELETE FROM ix_number WHERE tenant = $1 AND hash = $2 AND lo = $3 AND hi = $4 AND code = $5 AND system = $6 AND rid = $7`,
	Postgres: `DELETE FROM ix_number x
		USING unnest($1::int4[], $2::int8[], $3::float8[], $4::float8[], $5::int4[], $6::int4[], $7::int8[]) AS q(tenant, hash, lo, hi, code, system, rid)
		WHERE x.tenant = q.tenant AND x.hash = q.hash AND x.lo = q.lo AND x.hi = q.hi AND x.code = q.code AND x.system = q.system AND x.rid = q.rid`,
}

// A resource may point at one target twice under one parameter, in two ways of writing.
var addRef = db.Text{
	SQLite: `INSERT INTO ix_ref (tenant, target, hash, rid) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING`,
	Postgres: `INSERT INTO ix_ref (tenant, target, hash, rid)
		SELECT * FROM unnest($1::int4[], $2::int8[], $3::int8[], $4::int8[]) ON CONFLICT DO NOTHING`,
}

var dropRef = db.Text{
	SQLite: `DELETE FROM ix_ref WHERE tenant = $1 AND hash = $4 AND rid = $5
		AND target = (SELECT rid FROM resource WHERE tenant = $1 AND type = $2 AND id = $3)`,
	// The targets first: else the rows of a target that has thousands may be gone through for each of them.
	Postgres: `WITH q AS MATERIALIZED (
			SELECT q.tenant, r.rid AS target, q.hash, q.rid
			FROM unnest($1::int4[], $2::int2[], $3::text[], $4::int8[], $5::int8[]) AS q(tenant, type, id, hash, rid)
				JOIN resource r ON r.tenant = q.tenant AND r.type = q.type AND r.id = q.id)
		DELETE FROM ix_ref x USING q WHERE x.tenant = q.tenant AND x.target = q.target AND x.hash = q.hash AND x.rid = q.rid`,
}

// dropRefTo is dropRef where the target's number is known.
var dropRefTo = db.Text{
	SQLite: `DELETE FROM ix_ref WHERE tenant = $1 AND target = $2 AND hash = $3 AND rid = $4`,
	Postgres: `DELETE FROM ix_ref x USING unnest($1::int4[], $2::int8[], $3::int8[], $4::int8[]) AS q(tenant, target, hash, rid)
		WHERE x.tenant = q.tenant AND x.target = q.target AND x.hash = q.hash AND x.rid = q.rid`,
}
