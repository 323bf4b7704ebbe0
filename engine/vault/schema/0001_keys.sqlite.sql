CREATE TABLE vault_key (
	tenant  integer NOT NULL, -- 0 is the installation
	id      integer NOT NULL, -- counts from 1 in each tenant
	purpose text    NOT NULL,
	wrapper text    NOT NULL,
	wrapped BLOB    NOT NULL,
	created integer NOT NULL,
	PRIMARY KEY (tenant, id)
) STRICT, WITHOUT ROWID;
