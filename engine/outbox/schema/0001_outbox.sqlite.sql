CREATE TABLE outbox (
	change   INTEGER PRIMARY KEY, -- assigned by SQLite: highest + 1, in the order of commits
	tenant   INTEGER NOT NULL,
	name     TEXT    NOT NULL,
	type     TEXT,                -- NULL: the first half of name
	id       TEXT    NOT NULL,
	rid      INTEGER NOT NULL,
	version  INTEGER NOT NULL,
	replayed INTEGER NOT NULL,
	at       INTEGER NOT NULL,    -- microseconds since 1970 UTC
	payload  BLOB
);

CREATE INDEX outbox_tenant ON outbox (tenant, change);

CREATE TABLE outbox_cursor (
	handler  TEXT    PRIMARY KEY,
	n        INTEGER NOT NULL,           -- last feed number done
	attempts INTEGER NOT NULL DEFAULT 0, -- failures at the event after n
	retry_at INTEGER NOT NULL DEFAULT 0, -- microseconds: not before
	holder   TEXT    NOT NULL DEFAULT '',
	until    INTEGER NOT NULL DEFAULT 0  -- microseconds: end of the holder's lease
) WITHOUT ROWID;

CREATE TABLE outbox_dead (
	tenant   INTEGER NOT NULL,
	handler  TEXT    NOT NULL,
	n        INTEGER NOT NULL,
	attempts INTEGER NOT NULL,
	reason   TEXT    NOT NULL,
	at       INTEGER NOT NULL,
	PRIMARY KEY (tenant, handler, n)
) WITHOUT ROWID;
