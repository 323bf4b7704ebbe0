-- The index of blocks is kept in runs: the pairs of a keyed hash and a block of neighbouring blocks, sorted, in pages. It is
-- made anew from the blocks.
DROP TABLE audit_post;
DROP TABLE audit_backlog;
CREATE TABLE audit_run (
	tenant INTEGER NOT NULL,
	low    INTEGER NOT NULL, -- first and last block
	high   INTEGER NOT NULL,
	pairs  INTEGER NOT NULL,
	PRIMARY KEY (tenant, low)
) WITHOUT ROWID;

CREATE TABLE audit_post (
	tenant INTEGER NOT NULL,
	run    INTEGER NOT NULL, -- audit_run.low
	hash   INTEGER NOT NULL, -- the first pair of the page
	n      INTEGER NOT NULL,
	body   BLOB    NOT NULL, -- the others
	PRIMARY KEY (tenant, run, hash, n)
);
