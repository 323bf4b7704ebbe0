CREATE TABLE job (
	id          bigint  GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	tenant      integer NOT NULL, -- 0 is the installation
	kind        text    NOT NULL,
	state       text    NOT NULL, -- waiting, running, done, failed, cancelled
	key         text,             -- at most one waiting or running job of a tenant and kind has it
	payload     bytea,
	checkpoint  bytea,
	run_at      bigint  NOT NULL, -- times are microseconds since 1970 UTC
	every       bigint  NOT NULL, -- microseconds; 0 is once
	attempt     integer NOT NULL, -- since the last checkpoint
	attempts    integer NOT NULL, -- after so many it has failed
	lease       text,
	lease_until bigint,
	cancel      boolean NOT NULL, -- asked for
	done        bigint  NOT NULL, -- progress
	total       bigint  NOT NULL, -- 0 is unknown
	note        text    NOT NULL,
	error       text    NOT NULL, -- of the last failure
	created     bigint  NOT NULL,
	started     bigint,
	finished    bigint
);

CREATE INDEX job_waiting ON job (run_at, id) WHERE state = 'waiting';
CREATE INDEX job_running ON job (lease_until) WHERE state = 'running';
CREATE UNIQUE INDEX job_key ON job (tenant, kind, key) WHERE state IN ('waiting', 'running');
CREATE INDEX job_tenant ON job (tenant, id);
