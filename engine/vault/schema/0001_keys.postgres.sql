CREATE TABLE vault_key (
	tenant  integer NOT NULL, -- 0 is the installation
	id      bigint  NOT NULL, -- counts from 1 in each tenant
	purpose text    NOT NULL,
	wrapper text    NOT NULL,
	wrapped bytea   NOT NULL,
	created bigint  NOT NULL,
	PRIMARY KEY (tenant, id)
);
