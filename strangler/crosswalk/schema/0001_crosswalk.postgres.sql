CREATE TABLE strangler_name (
  tenant integer NOT NULL,
  id     integer NOT NULL,
  name   text    NOT NULL,
  PRIMARY KEY (tenant, id)
);

CREATE UNIQUE INDEX strangler_name_name ON strangler_name (tenant, name);

CREATE TABLE strangler_link (
  tenant  integer NOT NULL,
  tbl     integer NOT NULL,
  key     bytea   NOT NULL,
  slot    integer NOT NULL,
  type    integer NOT NULL,
  id      bytea   NOT NULL,
  version bigint  NOT NULL,
  state   integer NOT NULL, -- 1 live, 2 stale: to be deleted, 3 deleted
  PRIMARY KEY (tenant, tbl, key, slot)
);

CREATE INDEX strangler_link_target ON strangler_link (tenant, type, id);

CREATE INDEX strangler_link_stale ON strangler_link (tenant, tbl, key) WHERE state = 2;
