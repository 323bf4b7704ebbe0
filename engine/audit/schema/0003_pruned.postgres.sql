-- What was removed from the beginning of the chain because it was old: one row for each time, signed.
CREATE TABLE audit_pruned (
	tenant    int NOT NULL,
	upto      bigint NOT NULL, -- the last block that was removed
	since     bigint NOT NULL, -- the first one that was removed that time
	count     bigint NOT NULL, -- entries
	first     bigint NOT NULL, -- microseconds: the earliest and the latest entry
	last      bigint NOT NULL,
	at        bigint NOT NULL, -- when it was removed
	hash      bytea NOT NULL, -- of block upto, which the next one follows
	sum       bytea NOT NULL, -- SHA-256 of writers as they were
	mac       bytea NOT NULL, -- under the tenant's key, over all of this
	signature bytea NOT NULL, -- Ed25519, by the installation, over all but mac and itself
	writers   bytea,          -- how far each writer had counted; NULL but in the last row
	PRIMARY KEY (tenant, upto)
);
