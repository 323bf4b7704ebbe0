-- What another resource of its type has taken the place of: nothing refers to it anew, and nothing changes it.
CREATE TABLE resource_successor (
    tenant    INTEGER NOT NULL,
    rid       INTEGER NOT NULL,
    successor TEXT    NOT NULL, -- the id of the other
    PRIMARY KEY (tenant, rid)
) WITHOUT ROWID;
