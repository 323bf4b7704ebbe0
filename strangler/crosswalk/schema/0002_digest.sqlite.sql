ALTER TABLE strangler_link ADD COLUMN digest BLOB; -- of a record: keyed hash of what was written from the row
