-- One row for each legacy row that was taken.
CREATE TABLE strangler_row (
  tenant INTEGER NOT NULL,
  tbl    INTEGER NOT NULL, -- strangler_name
  key    BLOB NOT NULL,
  whole  BLOB,          -- the key in full, where key is a cut one
  map    INTEGER NOT NULL, -- strangler_name: the map that owns the row
  state  INTEGER NOT NULL, -- 1 mapped, 2 filtered, 3 quarantined
  reason INTEGER NOT NULL, -- strangler_name: why it was filtered, or which rule put it in quarantine; 0 mapped
  leaf   BLOB NOT NULL, -- keyed hash of the row
  image  BLOB,          -- of a root: keyed hash of the row, its children and the map
  root   BLOB,          -- of a child: key of its root
  run    INTEGER NOT NULL, -- the run that last wrote it
  gone   INTEGER,          -- the run that found it missing in the source
  PRIMARY KEY (tenant, tbl, key)
) WITHOUT ROWID;

-- One row for each move that was started.
CREATE TABLE strangler_run (
  tenant   INTEGER NOT NULL,
  id       INTEGER NOT NULL,
  pack     TEXT NOT NULL,
  mapping  TEXT NOT NULL, -- content hash of the pack
  source   TEXT NOT NULL, -- kind, name
  hash     TEXT NOT NULL, -- identity of the source
  program  TEXT NOT NULL, -- version of the program
  state    INTEGER NOT NULL, -- 1 running, 2 stopped, 3 done
  fence    INTEGER NOT NULL, -- who may write for it; a later start takes a higher one
  started  INTEGER NOT NULL, -- microseconds UTC
  touched  INTEGER NOT NULL, -- last commit
  PRIMARY KEY (tenant, id)
) WITHOUT ROWID;

-- Where a run is in each of its steps; moved on in the transaction of the data.
CREATE TABLE strangler_step (
  tenant INTEGER NOT NULL,
  run    INTEGER NOT NULL,
  step   INTEGER NOT NULL, -- in the order of work, from 1
  map    INTEGER NOT NULL, -- strangler_name
  tbl    INTEGER NOT NULL, -- strangler_name: the table that is walked
  seq    INTEGER NOT NULL, -- commits so far
  key    BLOB,          -- everything up to here is done; NULL before the first commit
  done   INTEGER NOT NULL, -- 1: to the end
  rows   INTEGER NOT NULL, -- rows seen
  wrote  INTEGER NOT NULL, -- targets written
  same   INTEGER NOT NULL, -- rows that had not changed
  PRIMARY KEY (tenant, run, step)
) WITHOUT ROWID;

-- One row for each commit of a step: which keys it took, out of which snapshot.
CREATE TABLE strangler_chunk (
  tenant   INTEGER NOT NULL,
  run      INTEGER NOT NULL,
  step     INTEGER NOT NULL,
  seq      INTEGER NOT NULL,
  upto     BLOB NOT NULL, -- last key
  snapshot BLOB,          -- what the source's snapshot showed; NULL for a dump
  rows     INTEGER NOT NULL,
  at       INTEGER NOT NULL,
  PRIMARY KEY (tenant, run, step, seq)
) WITHOUT ROWID;

-- What was odd in the data and was taken anyway, counted.
CREATE TABLE strangler_finding (
  tenant INTEGER NOT NULL,
  run    INTEGER NOT NULL,
  map    INTEGER NOT NULL,
  what   INTEGER NOT NULL, -- strangler_name: place and code
  count  INTEGER NOT NULL,
  PRIMARY KEY (tenant, run, map, what)
) WITHOUT ROWID;

-- Rows that could not be taken, with their image as the source gave it, sealed.
CREATE TABLE strangler_quarantine (
  tenant  INTEGER NOT NULL,
  tbl     INTEGER NOT NULL,
  key     BLOB NOT NULL,
  id      INTEGER NOT NULL, -- for people and commands
  map     INTEGER NOT NULL,
  mapping TEXT NOT NULL, -- content hash of the pack that refused it
  place   TEXT NOT NULL, -- where in the source
  rule    TEXT NOT NULL, -- file and line of the rule, or the check
  path    TEXT NOT NULL, -- column or element
  reason  TEXT NOT NULL, -- holds no value
  image   BLOB NOT NULL,
  run     INTEGER NOT NULL,
  at      INTEGER NOT NULL,
  PRIMARY KEY (tenant, tbl, key)
) WITHOUT ROWID;

CREATE UNIQUE INDEX strangler_quarantine_id ON strangler_quarantine (tenant, id);

-- The name space of the ids that are made from legacy keys.
CREATE TABLE strangler_space (
  tenant INTEGER NOT NULL,
  pack   TEXT NOT NULL,
  space  BLOB NOT NULL,
  PRIMARY KEY (tenant, pack)
) WITHOUT ROWID;
