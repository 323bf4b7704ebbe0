-- How people sign in. Times are microseconds since 1970 UTC.

ALTER TABLE accounts_user ADD COLUMN email text;                          -- a second name to sign in with; NULL: none
CREATE UNIQUE INDEX accounts_user_email ON accounts_user (tenant, email); -- NULLs do not collide

CREATE TABLE accounts_password (
	tenant      int    NOT NULL,
	user_id     text   NOT NULL,
	hash        text   NOT NULL, -- PHC string: $argon2id$v=19$m=19456,t=2,p=1$salt$hash
	changed     bigint NOT NULL,
	must_change bool   NOT NULL, -- it was given out by somebody else, for once
	PRIMARY KEY (tenant, user_id)
);

CREATE TABLE accounts_past_password (
	tenant  int    NOT NULL,
	user_id text   NOT NULL,
	changed bigint NOT NULL, -- when it was set
	hash    text   NOT NULL,
	PRIMARY KEY (tenant, user_id, hash) -- two may be set at the same instant
);

CREATE TABLE accounts_factor (
	tenant    int    NOT NULL,
	user_id   text   NOT NULL,
	id        text   NOT NULL,
	kind      text   NOT NULL, -- totp, recovery
	data      bytea  NOT NULL, -- totp: the sealed secret; recovery: keyed hash of the code
	step      bigint NOT NULL, -- totp: the last step of time whose code was taken
	created   bigint NOT NULL,
	confirmed bigint,          -- NULL: it does not count yet
	PRIMARY KEY (tenant, user_id, id)
);

CREATE TABLE accounts_attempt (
	tenant    int    NOT NULL,
	who       bytea  NOT NULL, -- keyed hash of a login, of a login and a device, or of a user at the second factor
	failed    int    NOT NULL, -- since the last success
	last      bigint NOT NULL,
	until     bigint NOT NULL, -- nothing is tried before
	succeeded bigint,          -- NULL: never
	PRIMARY KEY (tenant, who)
);

CREATE TABLE accounts_session (
	tenant    int    NOT NULL,
	hash      bytea  NOT NULL, -- SHA-256 of the text
	id        text   NOT NULL,
	user_id   text   NOT NULL,
	factors   text   NOT NULL, -- as in RFC 8176, separated by spaces: pwd, otp
	agent     text   NOT NULL,
	address   text   NOT NULL,
	created   bigint NOT NULL,
	seen      bigint NOT NULL, -- to the minute
	ended     bigint,
	PRIMARY KEY (tenant, hash)
);
CREATE UNIQUE INDEX accounts_session_id ON accounts_session (tenant, id);
CREATE INDEX accounts_session_user ON accounts_session (tenant, user_id);
