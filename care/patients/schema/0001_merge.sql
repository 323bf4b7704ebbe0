-- What was merged into what: the versions of both before it. Times are microseconds since 1970 UTC.
CREATE TABLE patients_merge (
	tenant         int    NOT NULL,
	id             text   NOT NULL,
	source         text   NOT NULL,
	target         text   NOT NULL,
	source_version bigint NOT NULL,
	target_version bigint NOT NULL,
	merged         bigint NOT NULL,
	undone         bigint,
	PRIMARY KEY (tenant, id)
);

CREATE INDEX patients_merge_source ON patients_merge (tenant, source, merged);

-- The resources that the merge made refer to the target, each by the version that it had before.
CREATE TABLE patients_moved (
	tenant  int    NOT NULL,
	merge   text   NOT NULL,
	type    text   NOT NULL,
	id      text   NOT NULL,
	version bigint NOT NULL,
	PRIMARY KEY (tenant, merge, type, id)
);
