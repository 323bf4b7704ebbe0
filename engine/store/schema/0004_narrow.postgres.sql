-- What is asked of one resource is a handful of rows that lie side by side, so an index by number need not repeat them:
-- entries without the values are half as large, and those of ix_ref, alike for all references of a resource, a fifth.
DROP INDEX ix_string_rid;
CREATE INDEX ix_string_rid ON ix_string (tenant, hash, rid);
DROP INDEX ix_date_rid;
CREATE INDEX ix_date_rid ON ix_date (tenant, hash, rid);
DROP INDEX ix_number_rid;
CREATE INDEX ix_number_rid ON ix_number (tenant, hash, rid);
DROP INDEX ix_ref_rid;
CREATE INDEX ix_ref_rid ON ix_ref (tenant, rid);
