-- Strings that many resources share: names of codes, profiles. Each was stored with every resource that has it; now a resource has a
-- row of ix_token under its key, and a search by a part of the string finds the keys here first.
CREATE TABLE ix_value (
    tenant INTEGER NOT NULL,
    hash   INTEGER NOT NULL, -- of the list: resource type, parameter and form
    value  TEXT    NOT NULL,
    key    INTEGER NOT NULL, -- ix_token.hash
    PRIMARY KEY (tenant, hash, value, key)
) WITHOUT ROWID;
-- The keys of a resource's own values, a JSON array: where a search asks for very many values, a resource is asked which it has.
ALTER TABLE resource ADD COLUMN shared TEXT;
