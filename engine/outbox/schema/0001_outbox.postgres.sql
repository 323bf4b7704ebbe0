CREATE SEQUENCE outbox_change CACHE 1; -- a cache would hand out numbers out of order

CREATE TABLE outbox (
	tenant   int    NOT NULL,
	change   bigint NOT NULL,
	rid      bigint NOT NULL,
	at       bigint NOT NULL,  -- microseconds since 1970 UTC
	version  int    NOT NULL,
	replayed bool   NOT NULL,
	name     text   NOT NULL,
	type     text,             -- NULL: the first half of name
	id       text   NOT NULL,
	payload  bytea,
	PRIMARY KEY (tenant, change)
);

CREATE UNIQUE INDEX outbox_change_order ON outbox (change);

CREATE TABLE outbox_run (
	first  bigint PRIMARY KEY,
	change bigint NOT NULL UNIQUE,
	count  bigint NOT NULL
) WITH (fillfactor = 50);

CREATE TABLE outbox_floor (
	one      int    PRIMARY KEY DEFAULT 1 CHECK (one = 1),
	floor    bigint NOT NULL,
	mark     bigint NOT NULL,
	mark_xid bigint NOT NULL
) WITH (fillfactor = 20);

INSERT INTO outbox_floor (floor, mark, mark_xid) VALUES (0, 0, 0);

CREATE TABLE outbox_cursor (
	handler  text   PRIMARY KEY,
	n        bigint NOT NULL,
	attempts int    NOT NULL DEFAULT 0,
	retry_at bigint NOT NULL DEFAULT 0,
	holder   text   NOT NULL DEFAULT '',
	until    bigint NOT NULL DEFAULT 0
) WITH (fillfactor = 50);

CREATE TABLE outbox_dead (
	tenant   int    NOT NULL,
	handler  text   NOT NULL,
	n        bigint NOT NULL,
	attempts int    NOT NULL,
	reason   text   NOT NULL,
	at       bigint NOT NULL,
	PRIMARY KEY (tenant, handler, n)
);
