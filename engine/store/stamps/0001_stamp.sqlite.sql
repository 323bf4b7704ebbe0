-- What the store knows of each record of a module that was written through it; kept when the record is deleted.
CREATE TABLE record_stamp (
    tenant  INTEGER NOT NULL,
    record  TEXT    NOT NULL, -- RecordSink.Name
    id      TEXT    NOT NULL,
    version INTEGER NOT NULL, -- from 1, one more for each write
    gone    INTEGER NOT NULL, -- the last write deleted it
    stamp   BLOB    NOT NULL, -- keyed hash of all of this and of the values
    PRIMARY KEY (tenant, record, id)
) WITHOUT ROWID;
