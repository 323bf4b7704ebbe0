-- The profiles, security labels and tags that resources of a type ever had in their meta, for $meta of a type or of all. Which
-- are still in use the index says. The hash is of type, element, system and code.
CREATE TABLE ix_label (
    tenant  int      NOT NULL,
    hash    bigint   NOT NULL,
    type    smallint NOT NULL,
    element text     NOT NULL, -- profile, security or tag
    system  text     NOT NULL, -- empty: none
    code    text     NOT NULL, -- of a profile its URL
    PRIMARY KEY (tenant, hash)
);
CREATE INDEX ix_label_type ON ix_label (tenant, type);
-- Labels of resources with smaller numbers may not be listed: whoever asks first looks through those up to here.
INSERT INTO store_counter SELECT 'labels', next FROM store_counter WHERE name = 'rid';
CREATE TABLE label_walk (
    tenant int      NOT NULL,
    type   smallint NOT NULL,
    next   bigint   NOT NULL, -- the first number that was not looked at
    PRIMARY KEY (tenant, type)
);
