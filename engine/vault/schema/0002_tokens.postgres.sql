CREATE TABLE vault_token (
	tenant  integer NOT NULL, -- 0: the installation signs for all
	id      bigint  NOT NULL, -- counts from 1
	alg     text    NOT NULL, -- of RFC 7518: ES256, RS256
	wrapped bytea   NOT NULL, -- PKCS #8
	created bigint  NOT NULL,
	signs   bigint  NOT NULL, -- from when it signs
	until   bigint,           -- to when it verifies; NULL: no end is set
	PRIMARY KEY (tenant, id)
);
