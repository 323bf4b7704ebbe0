-- The hash of a label is under the tenant's seed from here on, so that nobody can make two labels with one hash; and what is listed
-- is read by type. What was listed is dropped, and found again in the bodies: by the daily job, or by whoever asks before it.
DROP TABLE ix_label;
CREATE TABLE ix_label (
    tenant  int      NOT NULL,
    type    smallint NOT NULL,
    hash    bigint   NOT NULL, -- of type, element, system and code
    element text     NOT NULL, -- profile, security or tag
    system  text     NOT NULL, -- empty: none
    code    text     NOT NULL, -- of a profile its URL
    PRIMARY KEY (tenant, type, hash)
);
DELETE FROM label_walk;
UPDATE store_counter SET next = (SELECT c.next FROM store_counter c WHERE c.name = 'rid') WHERE name = 'labels';
