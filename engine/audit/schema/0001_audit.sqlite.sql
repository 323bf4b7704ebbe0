CREATE TABLE audit_pending (
	seq     INTEGER PRIMARY KEY,
	tenant  INTEGER NOT NULL,
	counter INTEGER NOT NULL,
	at      INTEGER NOT NULL, -- microseconds since 1970 UTC
	writer  BLOB    NOT NULL,
	mac     BLOB    NOT NULL,
	body    BLOB    NOT NULL
);

CREATE TABLE audit_block (
	tenant INTEGER NOT NULL,
	n      INTEGER NOT NULL, -- from 1, without a gap
	count  INTEGER NOT NULL, -- entries
	first  INTEGER NOT NULL, -- microseconds: the earliest and the latest entry
	last   INTEGER NOT NULL,
	prev   BLOB    NOT NULL,
	hash   BLOB    NOT NULL,
	body   BLOB    NOT NULL,
	PRIMARY KEY (tenant, n)
);
