-- The units of UCUM in which quantities were ever stored: a search in one unit looks in all that measure the same.
CREATE TABLE ix_unit (
    tenant INTEGER NOT NULL,
    code   TEXT    NOT NULL,
    PRIMARY KEY (tenant, code)
) WITHOUT ROWID;
