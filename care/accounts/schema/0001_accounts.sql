-- Times are microseconds since 1970 UTC.

CREATE TABLE accounts_tenant (
	id      int    PRIMARY KEY, -- from 1
	name    text   NOT NULL UNIQUE,
	created bigint NOT NULL
);

CREATE TABLE accounts_user (
	tenant  int    NOT NULL,
	id      text   NOT NULL,
	login   text   NOT NULL,
	name    text   NOT NULL,
	active  bool   NOT NULL,
	created bigint NOT NULL,
	PRIMARY KEY (tenant, id),
	UNIQUE (tenant, login)
);

CREATE TABLE accounts_token (
	tenant    int    NOT NULL,
	id        text   NOT NULL,
	hash      bytea  NOT NULL UNIQUE, -- SHA-256 of the text
	name      text   NOT NULL,
	user_id   text,                   -- NULL: a client of its own
	scopes    text   NOT NULL,        -- as access.Scopes prints them
	created   bigint NOT NULL,
	expires   bigint,                 -- NULL: never
	revoked   bigint,
	last_used bigint,                 -- to the hour
	PRIMARY KEY (tenant, id)
);
