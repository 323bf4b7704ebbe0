-- In which blocks entries are that have something: a keyed hash of who, what or whom.
CREATE TABLE audit_post (
	tenant int    NOT NULL,
	hash   bigint NOT NULL,
	n      bigint NOT NULL,
	PRIMARY KEY (tenant, hash, n)
);

-- The first and the last block that has entries of a day, by days since 1970 UTC.
CREATE TABLE audit_day (
	tenant int    NOT NULL,
	day    bigint NOT NULL,
	low    bigint NOT NULL,
	high   bigint NOT NULL,
	PRIMARY KEY (tenant, day)
);

-- Blocks of an older program, behind done up to upto, of which the tables above know nothing yet.
CREATE TABLE audit_backlog (
	tenant int    PRIMARY KEY,
	done   bigint NOT NULL,
	upto   bigint NOT NULL
);
INSERT INTO audit_backlog SELECT tenant, 0, max(n) FROM audit_block GROUP BY tenant;
