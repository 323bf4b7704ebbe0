-- What another resource of its type has taken the place of: nothing refers to it anew, and nothing changes it.
CREATE TABLE resource_successor (
    tenant    integer NOT NULL,
    rid       bigint  NOT NULL,
    successor text    COLLATE "C" NOT NULL, -- the id of the other
    PRIMARY KEY (tenant, rid)
);
