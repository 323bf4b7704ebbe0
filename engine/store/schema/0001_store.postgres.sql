-- The current version of every resource. version 0 marks a placeholder: a number
-- given to a reference whose target has not come yet; it is invisible to reads.
CREATE TABLE resource (
    rid      bigint   NOT NULL,
    updated  bigint   NOT NULL, -- microseconds since 1970, UTC
    tenant   integer  NOT NULL,
    version  integer  NOT NULL,
    type     smallint NOT NULL, -- r4.ResourceIndex
    method   smallint NOT NULL, -- Method
    deleted  boolean  NOT NULL,
    id       text     COLLATE "C" NOT NULL,
    present  text     COLLATE "C" NOT NULL, -- the search parameters that have a value, one character each
    body     bytea,             -- vault envelope; NULL where deleted
    PRIMARY KEY (tenant, rid)
) WITH (fillfactor = 90);
ALTER TABLE resource ALTER COLUMN body SET STORAGE EXTERNAL;
CREATE UNIQUE INDEX resource_id ON resource (tenant, type, id);
CREATE INDEX resource_live ON resource (tenant, type, rid) WHERE NOT deleted;
CREATE INDEX resource_updated ON resource (tenant, type, updated, rid) WHERE version > 0;

-- The versions before the current one, moved here as they were.
CREATE TABLE resource_history (
    rid      bigint   NOT NULL,
    updated  bigint   NOT NULL,
    tenant   integer  NOT NULL,
    version  integer  NOT NULL,
    type     smallint NOT NULL,
    method   smallint NOT NULL,
    deleted  boolean  NOT NULL,
    body     bytea,
    PRIMARY KEY (tenant, rid, version)
);
ALTER TABLE resource_history ALTER COLUMN body SET STORAGE EXTERNAL;
CREATE INDEX resource_history_updated ON resource_history (tenant, type, updated, rid);

-- Index rows of current versions (fhir/index); hash covers type, parameter and, for tokens, the value.
CREATE TABLE ix_token (
    hash   bigint  NOT NULL,
    rid    bigint  NOT NULL,
    tenant integer NOT NULL,
    system integer NOT NULL, -- 31-bit hash of the code's system, 0 = none, -1 = cannot have one
    PRIMARY KEY (tenant, hash, rid, system)
);
CREATE TABLE ix_string (
    hash   bigint  NOT NULL,
    rid    bigint  NOT NULL,
    tenant integer NOT NULL,
    exact  integer NOT NULL, -- 31-bit hash of the string as it is
    value  text    COLLATE "C" NOT NULL,
    PRIMARY KEY (tenant, hash, value, rid, exact)
);
CREATE INDEX ix_string_rid ON ix_string (tenant, hash, rid, value);
CREATE TABLE ix_date (
    hash   bigint  NOT NULL,
    lo     bigint  NOT NULL,
    hi     bigint  NOT NULL,
    rid    bigint  NOT NULL,
    tenant integer NOT NULL,
    PRIMARY KEY (tenant, hash, lo, hi, rid)
);
CREATE INDEX ix_date_rid ON ix_date (tenant, hash, rid, lo, hi);
CREATE TABLE ix_number (
    hash   bigint  NOT NULL,
    lo     double precision NOT NULL,
    hi     double precision NOT NULL,
    rid    bigint  NOT NULL,
    tenant integer NOT NULL,
    code   integer NOT NULL, -- 32-bit hash of the unit's code, 0 = none
    system integer NOT NULL, -- 32-bit hash of the unit's system, 0 = none
    PRIMARY KEY (tenant, hash, lo, hi, code, system, rid)
);
CREATE INDEX ix_number_rid ON ix_number (tenant, hash, rid, lo, hi, code, system);
CREATE TABLE ix_ref (
    target bigint  NOT NULL,
    hash   bigint  NOT NULL,
    rid    bigint  NOT NULL,
    tenant integer NOT NULL,
    PRIMARY KEY (tenant, target, hash, rid)
);

-- Numbers are given out in blocks; a block that a stopped process had not used up is lost.
CREATE TABLE store_counter (
    name text   PRIMARY KEY,
    next bigint NOT NULL
);
INSERT INTO store_counter VALUES ('rid', 1);
