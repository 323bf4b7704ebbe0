-- What a resource points at, under each parameter: the way of a chain, of an order along references, and of _include.
-- The numbers rise with creation, so a new resource's entries lie behind one another at the end.
CREATE INDEX ix_ref_rid ON ix_ref (tenant, rid, hash, target);
