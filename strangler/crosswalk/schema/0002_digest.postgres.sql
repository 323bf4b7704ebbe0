ALTER TABLE strangler_link ADD COLUMN digest bytea; -- of a record: keyed hash of what was written from the row
