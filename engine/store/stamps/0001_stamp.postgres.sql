-- What the store knows of each record of a module that was written through it; kept when the record is deleted.
CREATE TABLE record_stamp (
    tenant  integer NOT NULL,
    record  text    COLLATE "C" NOT NULL, -- RecordSink.Name
    id      text    COLLATE "C" NOT NULL,
    version bigint  NOT NULL,             -- from 1, one more for each write
    gone    boolean NOT NULL,             -- the last write deleted it
    stamp   bytea   NOT NULL,             -- keyed hash of all of this and of the values
    PRIMARY KEY (tenant, record, id)
);
