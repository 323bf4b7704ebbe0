-- The index of blocks is kept in runs: the pairs of a keyed hash and a block of neighbouring blocks, sorted, in pages. It is
-- made anew from the blocks.
DROP TABLE audit_post;
DROP TABLE audit_backlog;
CREATE TABLE audit_run (
	tenant int    NOT NULL,
	low    bigint NOT NULL, -- first and last block
	high   bigint NOT NULL,
	pairs  bigint NOT NULL,
	PRIMARY KEY (tenant, low)
);

CREATE TABLE audit_post (
	tenant int    NOT NULL,
	run    bigint NOT NULL, -- audit_run.low
	hash   bigint NOT NULL, -- the first pair of the page
	n      bigint NOT NULL,
	body   bytea  NOT NULL, -- the others
	PRIMARY KEY (tenant, run, hash, n)
) WITH (autovacuum_vacuum_scale_factor = 0.05, autovacuum_vacuum_threshold = 500); -- pages of short runs are soon part of longer ones

ALTER TABLE audit_post ALTER body SET STORAGE PLAIN; -- no page is too long for a row, and none can be compressed
