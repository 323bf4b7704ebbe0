-- What the tables of the books held when the last run ended.
CREATE TABLE strangler_seal (
  tenant INTEGER NOT NULL,
  book   TEXT NOT NULL, -- the table
  digest BLOB NOT NULL, -- count and keyed sum of its rows
  PRIMARY KEY (tenant, book)
) WITHOUT ROWID;
