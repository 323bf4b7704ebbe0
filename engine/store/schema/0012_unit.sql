-- Under which edition of the tenant's search parameters a unit was listed last: what nobody lists any more can be told from what
-- somebody writes just now.
ALTER TABLE ix_unit ADD COLUMN edition bigint NOT NULL DEFAULT 0;
