CREATE TABLE vault_token (
	tenant  integer NOT NULL, -- 0: the installation signs for all
	id      integer NOT NULL, -- counts from 1
	alg     text    NOT NULL, -- of RFC 7518: ES256, RS256
	wrapped BLOB    NOT NULL, -- PKCS #8
	created integer NOT NULL,
	signs   integer NOT NULL, -- from when it signs
	until   integer,          -- to when it verifies; NULL: no end is set
	PRIMARY KEY (tenant, id)
) STRICT, WITHOUT ROWID;
