-- What the tables of the books held when the last run ended.
CREATE TABLE strangler_seal (
  tenant integer NOT NULL,
  book   text NOT NULL,  -- the table
  digest bytea NOT NULL, -- count and keyed sum of its rows
  PRIMARY KEY (tenant, book)
);
