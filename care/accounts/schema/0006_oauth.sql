-- OAuth 2.1: who may ask, what was granted, and what stands for it.

CREATE TABLE accounts_client (
	tenant    int    NOT NULL,
	id        text   NOT NULL, -- begins with the tenant
	name      text   NOT NULL,
	method    text   NOT NULL, -- none, client_secret_basic, client_secret_post, private_key_jwt
	secret    bytea,           -- SHA-256
	jwks      text,            -- JSON (RFC 7517)
	redirects text   NOT NULL, -- separated by spaces
	grants    text   NOT NULL,
	scopes    text   NOT NULL,
	created   bigint NOT NULL,
	ended     bigint,
	PRIMARY KEY (tenant, id)
);

CREATE TABLE accounts_grant (
	tenant    int    NOT NULL,
	id        text   NOT NULL,
	client    text   NOT NULL,
	request   text   NOT NULL, -- JSON: what the client asked for
	scopes    text   NOT NULL, -- asked for, then given
	subject   text,            -- NULL until somebody has given it
	session   text,            -- it ends with this session; NULL: it does not
	claims    text,            -- JSON: patient, fhirUser, launch context
	given     bigint,          -- NULL: asked for only
	ended     bigint,          -- refused, revoked, logged out, replayed
	created   bigint NOT NULL,
	expires   bigint NOT NULL,
	PRIMARY KEY (tenant, id)
);
CREATE INDEX accounts_grant_subject ON accounts_grant (tenant, subject);

CREATE TABLE accounts_secret (
	tenant   int    NOT NULL,
	hash     bytea  NOT NULL, -- SHA-256 of the text, which begins with the tenant
	kind     text   NOT NULL, -- code, refresh, device
	grant_id text   NOT NULL,
	created  bigint NOT NULL,
	expires  bigint NOT NULL,
	used     bigint,
	wrong    int    NOT NULL, -- attempts to use it that failed the check
	PRIMARY KEY (tenant, hash)
);
CREATE INDEX accounts_secret_grant ON accounts_secret (tenant, grant_id);

CREATE TABLE accounts_assertion (
	tenant  int    NOT NULL,
	client  text   NOT NULL,
	jti     bytea  NOT NULL, -- SHA-256
	expires bigint NOT NULL,
	PRIMARY KEY (tenant, client, jti)
);
