-- The current version of every resource. version 0 marks a placeholder: a number
-- given to a reference whose target has not come yet; it is invisible to reads.
-- rid is unique over all tenants, so it serves as the row's own key; every query names the tenant too.
CREATE TABLE resource (
    rid      INTEGER PRIMARY KEY,
    tenant   INTEGER NOT NULL,
    type     INTEGER NOT NULL, -- r4.ResourceIndex
    id       TEXT    NOT NULL,
    version  INTEGER NOT NULL,
    updated  INTEGER NOT NULL, -- microseconds since 1970, UTC
    method   INTEGER NOT NULL, -- Method
    deleted  INTEGER NOT NULL,
    present  TEXT    NOT NULL, -- the search parameters that have a value, one character each
    body     BLOB              -- vault envelope; NULL where deleted
);
CREATE UNIQUE INDEX resource_id ON resource (tenant, type, id);
CREATE INDEX resource_live ON resource (tenant, type, rid) WHERE NOT deleted;
CREATE INDEX resource_updated ON resource (tenant, type, updated, rid) WHERE version > 0;

-- The versions before the current one, moved here as they were.
CREATE TABLE resource_history (
    seq      INTEGER PRIMARY KEY,
    tenant   INTEGER NOT NULL,
    rid      INTEGER NOT NULL,
    version  INTEGER NOT NULL,
    type     INTEGER NOT NULL,
    updated  INTEGER NOT NULL,
    method   INTEGER NOT NULL,
    deleted  INTEGER NOT NULL,
    body     BLOB
);
CREATE UNIQUE INDEX resource_history_rid ON resource_history (tenant, rid, version);
CREATE INDEX resource_history_updated ON resource_history (tenant, type, updated, rid);

-- Index rows of current versions (fhir/index); hash covers type, parameter and, for tokens, the value.
CREATE TABLE ix_token (
    tenant INTEGER NOT NULL,
    hash   INTEGER NOT NULL,
    rid    INTEGER NOT NULL,
    system INTEGER NOT NULL, -- 31-bit hash of the code's system, 0 = none, -1 = cannot have one
    PRIMARY KEY (tenant, hash, rid, system)
) WITHOUT ROWID;
CREATE TABLE ix_string (
    tenant INTEGER NOT NULL,
    hash   INTEGER NOT NULL,
    value  TEXT    NOT NULL,
    rid    INTEGER NOT NULL,
    exact  INTEGER NOT NULL, -- 31-bit hash of the string as it is
    PRIMARY KEY (tenant, hash, value, rid, exact)
) WITHOUT ROWID;
CREATE INDEX ix_string_rid ON ix_string (tenant, hash, rid, value);
CREATE TABLE ix_date (
    tenant INTEGER NOT NULL,
    hash   INTEGER NOT NULL,
    lo     INTEGER NOT NULL,
    hi     INTEGER NOT NULL,
    rid    INTEGER NOT NULL,
    PRIMARY KEY (tenant, hash, lo, hi, rid)
) WITHOUT ROWID;
CREATE INDEX ix_date_rid ON ix_date (tenant, hash, rid, lo, hi);
CREATE TABLE ix_number (
    tenant INTEGER NOT NULL,
    hash   INTEGER NOT NULL,
    lo     REAL    NOT NULL,
    hi     REAL    NOT NULL,
    code   INTEGER NOT NULL, -- 32-bit hash of the unit's code, 0 = none
    system INTEGER NOT NULL, -- 32-bit hash of the unit's system, 0 = none
    rid    INTEGER NOT NULL,
    PRIMARY KEY (tenant, hash, lo, hi, code, system, rid)
) WITHOUT ROWID;
CREATE INDEX ix_number_rid ON ix_number (tenant, hash, rid, lo, hi, code, system);
CREATE TABLE ix_ref (
    tenant INTEGER NOT NULL,
    target INTEGER NOT NULL,
    hash   INTEGER NOT NULL,
    rid    INTEGER NOT NULL,
    PRIMARY KEY (tenant, target, hash, rid)
) WITHOUT ROWID;

-- Numbers are given out in blocks; a block that a stopped process had not used up is lost.
CREATE TABLE store_counter (
    name TEXT    PRIMARY KEY,
    next INTEGER NOT NULL
) WITHOUT ROWID;
INSERT INTO store_counter VALUES ('rid', 1);
