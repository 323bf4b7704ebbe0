CREATE TABLE alert_watch (
	tenant int    PRIMARY KEY,
	n      bigint NOT NULL, -- the last block of the audit that was seen
	state  bytea  NOT NULL  -- what the rules have counted
);
