-- Nobody signs in to a tenant that is not active; its data stay.
ALTER TABLE accounts_tenant ADD COLUMN active bool NOT NULL DEFAULT true;
