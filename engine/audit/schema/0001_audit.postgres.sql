CREATE TABLE audit_pending (
	tenant  int    NOT NULL,
	seq     bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
	counter bigint NOT NULL,
	at      bigint NOT NULL, -- microseconds since 1970 UTC
	writer  bytea  NOT NULL,
	mac     bytea  NOT NULL,
	body    bytea  NOT NULL,
	PRIMARY KEY (tenant, seq)
) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000); -- every row is deleted within seconds

CREATE TABLE audit_block (
	tenant int    NOT NULL,
	n      bigint NOT NULL, -- from 1, without a gap
	count  int    NOT NULL, -- entries
	first  bigint NOT NULL, -- microseconds: the earliest and the latest entry
	last   bigint NOT NULL,
	prev   bytea  NOT NULL,
	hash   bytea  NOT NULL,
	body   bytea  NOT NULL,
	PRIMARY KEY (tenant, n)
);

ALTER TABLE audit_block ALTER body SET STORAGE EXTERNAL; -- compressed already
