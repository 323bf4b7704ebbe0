-- In which blocks entries are that have something: a keyed hash of who, what or whom.
CREATE TABLE audit_post (
	tenant INTEGER NOT NULL,
	hash   INTEGER NOT NULL,
	n      INTEGER NOT NULL,
	PRIMARY KEY (tenant, hash, n)
) WITHOUT ROWID;

-- The first and the last block that has entries of a day, by days since 1970 UTC.
CREATE TABLE audit_day (
	tenant INTEGER NOT NULL,
	day    INTEGER NOT NULL,
	low    INTEGER NOT NULL,
	high   INTEGER NOT NULL,
	PRIMARY KEY (tenant, day)
) WITHOUT ROWID;

-- Blocks of an older program, behind done up to upto, of which the tables above know nothing yet.
CREATE TABLE audit_backlog (
	tenant INTEGER PRIMARY KEY,
	done   INTEGER NOT NULL,
	upto   INTEGER NOT NULL
);
INSERT INTO audit_backlog SELECT tenant, 0, max(n) FROM audit_block GROUP BY tenant;
