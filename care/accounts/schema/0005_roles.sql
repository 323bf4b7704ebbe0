CREATE TABLE accounts_role (
	tenant int  NOT NULL,
	name   text NOT NULL,
	PRIMARY KEY (tenant, name)
);

CREATE TABLE accounts_permission (
	tenant   int  NOT NULL,
	role     text NOT NULL,
	resource text NOT NULL, -- as access.ParsePermission reads them
	action   text NOT NULL,
	reach    text NOT NULL,
	PRIMARY KEY (tenant, role, resource, action, reach)
);

CREATE TABLE accounts_holds (
	tenant  int    NOT NULL,
	user_id text   NOT NULL,
	role    text   NOT NULL,
	since   bigint NOT NULL,
	PRIMARY KEY (tenant, user_id, role)
);
CREATE INDEX accounts_holds_role ON accounts_holds (tenant, role);
