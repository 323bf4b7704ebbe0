-- In which form the index rows of a tenant are: index.Edition. What is older is made anew by a job; what was stored until now is
-- of edition 0. A tenant begins with the edition of the program that writes its first resource.
CREATE TABLE index_form (
    tenant  integer NOT NULL PRIMARY KEY,
    edition integer NOT NULL,
    done    bigint  NOT NULL, -- resources that the job has looked at
    total   bigint  NOT NULL  -- of so many; 0: not counted yet
);
INSERT INTO index_form (tenant, edition, done, total)
    WITH RECURSIVE t (tenant) AS (
        SELECT MIN(tenant) FROM resource
        UNION ALL SELECT (SELECT MIN(r.tenant) FROM resource r WHERE r.tenant > t.tenant) FROM t WHERE t.tenant IS NOT NULL
    ) SELECT tenant, 0, 0, 0 FROM t WHERE tenant IS NOT NULL;
-- The job makes the rows of what contains resources too.
DELETE FROM store_counter WHERE name = 'contained';
