-- One row for each legacy row that was taken.
CREATE TABLE strangler_row (
  tenant integer NOT NULL,
  tbl    integer NOT NULL, -- strangler_name
  key    bytea NOT NULL,
  whole  bytea,          -- the key in full, where key is a cut one
  map    integer NOT NULL, -- strangler_name: the map that owns the row
  state  integer NOT NULL, -- 1 mapped, 2 filtered, 3 quarantined
  reason integer NOT NULL, -- strangler_name: why it was filtered, or which rule put it in quarantine; 0 mapped
  leaf   bytea NOT NULL, -- keyed hash of the row
  image  bytea,          -- of a root: keyed hash of the row, its children and the map
  root   bytea,          -- of a child: key of its root
  run    bigint NOT NULL, -- the run that last wrote it
  gone   bigint,          -- the run that found it missing in the source
  PRIMARY KEY (tenant, tbl, key)
);

-- One row for each move that was started.
CREATE TABLE strangler_run (
  tenant   integer NOT NULL,
  id       bigint NOT NULL,
  pack     text NOT NULL,
  mapping  text NOT NULL, -- content hash of the pack
  source   text NOT NULL, -- kind, name
  hash     text NOT NULL, -- identity of the source
  program  text NOT NULL, -- version of the program
  state    integer NOT NULL, -- 1 running, 2 stopped, 3 done
  fence    bigint NOT NULL, -- who may write for it; a later start takes a higher one
  started  bigint NOT NULL, -- microseconds UTC
  touched  bigint NOT NULL, -- last commit
  PRIMARY KEY (tenant, id)
);

-- Where a run is in each of its steps; moved on in the transaction of the data.
CREATE TABLE strangler_step (
  tenant integer NOT NULL,
  run    bigint NOT NULL,
  step   integer NOT NULL, -- in the order of work, from 1
  map    integer NOT NULL, -- strangler_name
  tbl    integer NOT NULL, -- strangler_name: the table that is walked
  seq    bigint NOT NULL, -- commits so far
  key    bytea,          -- everything up to here is done; NULL before the first commit
  done   integer NOT NULL, -- 1: to the end
  rows   bigint NOT NULL, -- rows seen
  wrote  bigint NOT NULL, -- targets written
  same   bigint NOT NULL, -- rows that had not changed
  PRIMARY KEY (tenant, run, step)
);

-- One row for each commit of a step: which keys it took, out of which snapshot.
CREATE TABLE strangler_chunk (
  tenant   integer NOT NULL,
  run      bigint NOT NULL,
  step     integer NOT NULL,
  seq      bigint NOT NULL,
  upto     bytea NOT NULL, -- last key
  snapshot bytea,          -- what the source's snapshot showed; NULL for a dump
  rows     integer NOT NULL,
  at       bigint NOT NULL,
  PRIMARY KEY (tenant, run, step, seq)
);

-- What was odd in the data and was taken anyway, counted.
CREATE TABLE strangler_finding (
  tenant integer NOT NULL,
  run    bigint NOT NULL,
  map    integer NOT NULL,
  what   integer NOT NULL, -- strangler_name: place and code
  count  bigint NOT NULL,
  PRIMARY KEY (tenant, run, map, what)
);

-- Rows that could not be taken, with their image as the source gave it, sealed.
CREATE TABLE strangler_quarantine (
  tenant  integer NOT NULL,
  tbl     integer NOT NULL,
  key     bytea NOT NULL,
  id      bigint NOT NULL, -- for people and commands
  map     integer NOT NULL,
  mapping text NOT NULL, -- content hash of the pack that refused it
  place   text NOT NULL, -- where in the source
  rule    text NOT NULL, -- file and line of the rule, or the check
  path    text NOT NULL, -- column or element
  reason  text NOT NULL, -- holds no value
  image   bytea NOT NULL,
  run     bigint NOT NULL,
  at      bigint NOT NULL,
  PRIMARY KEY (tenant, tbl, key)
);

CREATE UNIQUE INDEX strangler_quarantine_id ON strangler_quarantine (tenant, id);

-- The name space of the ids that are made from legacy keys.
CREATE TABLE strangler_space (
  tenant integer NOT NULL,
  pack   text NOT NULL,
  space  bytea NOT NULL,
  PRIMARY KEY (tenant, pack)
);
