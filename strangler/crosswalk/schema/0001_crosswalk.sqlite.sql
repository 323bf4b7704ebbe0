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
  PRIMARY KEY (tenant, tbl, key, slot)
) WITHOUT ROWID;

CREATE INDEX strangler_link_target ON strangler_link (tenant, type, id);
