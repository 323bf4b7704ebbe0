-- What a tenant has chosen for itself; what is not there is as the installation has it.
CREATE TABLE accounts_setting (
	tenant int  NOT NULL,
	name   text NOT NULL,
	value  text NOT NULL,
	PRIMARY KEY (tenant, name)
);
