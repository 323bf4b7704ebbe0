-- The search parameters that a tenant has defined. A number is given once and never again: rows of the index stand under it.
-- What is gone keeps its row, so that its number stays taken.
CREATE TABLE search_param (
    tenant     INTEGER NOT NULL,
    number     INTEGER NOT NULL, -- r4.Param.ID
    id         TEXT    NOT NULL, -- of the SearchParameter resource
    state      INTEGER NOT NULL, -- 1 building, 2 whole, 3 leaving, 4 gone
    definition TEXT    NOT NULL, -- r4.Param as JSON
    job        INTEGER NOT NULL, -- that walks through the resources for it; 0: none yet
    done       INTEGER NOT NULL, -- resources that the job has walked through
    total      INTEGER NOT NULL, -- of so many; 0: not counted yet
    faults     INTEGER NOT NULL, -- resources on which the expression could not be evaluated
    PRIMARY KEY (tenant, number)
) WITHOUT ROWID;
-- How often the set has changed: a write that was made by another set is made again.
CREATE TABLE search_param_edition (
    tenant  INTEGER PRIMARY KEY,
    edition INTEGER NOT NULL
) WITHOUT ROWID;
