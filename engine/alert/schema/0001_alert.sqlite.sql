CREATE TABLE alert_watch (
	tenant INTEGER PRIMARY KEY,
	n      INTEGER NOT NULL, -- the last block of the audit that was seen
	state  BLOB    NOT NULL  -- what the rules have counted
);
