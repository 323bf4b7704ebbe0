-- What was removed from the beginning of the chain because it was old: one row for each time, signed.
CREATE TABLE audit_pruned (
	tenant    INTEGER NOT NULL,
	upto      INTEGER NOT NULL, -- the last block that was removed
	since     INTEGER NOT NULL, -- the first one that was removed that time
	count     INTEGER NOT NULL, -- entries
	first     INTEGER NOT NULL, -- microseconds: the earliest and the latest entry
	last      INTEGER NOT NULL,
	at        INTEGER NOT NULL, -- when it was removed
	hash      BLOB NOT NULL, -- of block upto, which the next one follows
	sum       BLOB NOT NULL, -- SHA-256 of writers as they were
	mac       BLOB NOT NULL, -- under the tenant's key, over all of this
	signature BLOB NOT NULL, -- Ed25519, by the installation, over all but mac and itself
	writers   BLOB,          -- how far each writer had counted; NULL but in the last row
	PRIMARY KEY (tenant, upto)
);
