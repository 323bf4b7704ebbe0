-- The units of UCUM in which quantities were ever stored: a search in one unit looks in all that measure the same.
CREATE TABLE ix_unit (
    tenant integer NOT NULL,
    code   text    COLLATE "C" NOT NULL,
    PRIMARY KEY (tenant, code)
);
