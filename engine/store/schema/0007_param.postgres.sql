-- The search parameters that a tenant has defined. A number is given once and never again: rows of the index stand under it.
-- What is gone keeps its row, so that its number stays taken.
CREATE TABLE search_param (
    tenant     integer  NOT NULL,
    number     integer  NOT NULL, -- r4.Param.ID
    id         text     COLLATE "C" NOT NULL, -- of the SearchParameter resource
    state      smallint NOT NULL, -- 1 building, 2 whole, 3 leaving, 4 gone
    definition text     NOT NULL, -- r4.Param as JSON
    job        bigint   NOT NULL, -- that walks through the resources for it; 0: none yet
    done       bigint   NOT NULL, -- resources that the job has walked through
    total      bigint   NOT NULL, -- of so many; 0: not counted yet
    faults     bigint   NOT NULL, -- resources on which the expression could not be evaluated
    PRIMARY KEY (tenant, number)
);
-- How often the set has changed: a write that was made by another set is made again.
CREATE TABLE search_param_edition (
    tenant  integer PRIMARY KEY,
    edition bigint  NOT NULL
);
