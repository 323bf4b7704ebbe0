-- The records of other modules that the merge made name the target, each by the field and by the version that it had before.
CREATE TABLE patients_moved_record (
	tenant  int    NOT NULL,
	merge   text   NOT NULL,
	record  text   NOT NULL,
	id      text   NOT NULL,
	field   text   NOT NULL,
	version bigint NOT NULL,
	PRIMARY KEY (tenant, merge, record, id, field)
);

CREATE INDEX patients_moved_record_id ON patients_moved_record (tenant, record, id);
