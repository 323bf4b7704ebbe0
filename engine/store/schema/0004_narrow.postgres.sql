-- What is asked of one resource is a handful of rows that lie side by side, so an index by number need not repeat them.
-- With the upper half of the hash its key has 16 bytes: up to that width PostgreSQL fills the leaf at the end of a group of
-- equal keys before it begins another (nbtsplitloc.c), and that is where rows arrive. Wider leaves stay half empty.
ALTER TABLE ix_token DROP CONSTRAINT ix_token_pkey;
CREATE INDEX ix_token_rid ON ix_token (tenant, ((hash >> 32)::int4), rid);
DROP INDEX ix_string_rid;
CREATE INDEX ix_string_rid ON ix_string (tenant, ((hash >> 32)::int4), rid);
DROP INDEX ix_date_rid;
CREATE INDEX ix_date_rid ON ix_date (tenant, ((hash >> 32)::int4), rid);
DROP INDEX ix_number_rid;
CREATE INDEX ix_number_rid ON ix_number (tenant, ((hash >> 32)::int4), rid);
-- All references of a resource have the same key, which is kept once for all of them.
DROP INDEX ix_ref_rid;
CREATE INDEX ix_ref_rid ON ix_ref (tenant, rid);
