CREATE TABLE strangler_name (
  tenant INTEGER NOT NULL,
  id     INTEGER NOT NULL,
  name   TEXT    NOT NULL,
  PRIMARY KEY (tenant, id)
) WITHOUT ROWID;

CREATE UNIQUE INDEX strangler_name_name ON strangler_name (tenant, name);

CREATE TABLE strangler_link (
  tenant  INTEGER NOT NULL,
  tbl     INTEGER NOT NULL,
  key     BLOB    NOT NULL,
  slot    INTEGER NOT NULL,
  type    INTEGER NOT NULL,
  id      BLOB    NOT NULL,
  version INTEGER NOT NULL,
  state   INTEGER NOT NULL, -- 1 live, 2 stale: to be deleted, 3 deleted
  PRIMARY KEY (tenant, tbl, key, slot)
) WITHOUT ROWID;

CREATE INDEX strangler_link_target ON strangler_link (tenant, type, id);

CREATE INDEX strangler_link_stale ON strangler_link (tenant, tbl, key) WHERE state = 2;
