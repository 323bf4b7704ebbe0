-- What the decision of access asks of who acts: see engine/access. All may be empty.
ALTER TABLE accounts_user ADD COLUMN person       text NOT NULL DEFAULT ''; -- the resource that stands for the user, such as Practitioner/7
ALTER TABLE accounts_user ADD COLUMN department   text NOT NULL DEFAULT ''; -- id of the Organization in which the user works
ALTER TABLE accounts_user ADD COLUMN organization text NOT NULL DEFAULT ''; -- id of the Organization to which that belongs
ALTER TABLE accounts_user ADD COLUMN clearance    text NOT NULL DEFAULT ''; -- code of v3-Confidentiality
ALTER TABLE accounts_user ADD COLUMN purpose      text NOT NULL DEFAULT ''; -- code of v3-ActReason

ALTER TABLE accounts_token ADD COLUMN patient   text NOT NULL DEFAULT ''; -- id of the patient whom scopes of the level patient are about
ALTER TABLE accounts_token ADD COLUMN clearance text NOT NULL DEFAULT '';
ALTER TABLE accounts_token ADD COLUMN purpose   text NOT NULL DEFAULT '';

CREATE TABLE accounts_mask (
	tenant   int  NOT NULL,
	role     text NOT NULL,
	resource text NOT NULL, -- as access.ParseMask reads them
	element  text NOT NULL,
	how      text NOT NULL, -- hide, keep
	PRIMARY KEY (tenant, role, resource, element)
);
