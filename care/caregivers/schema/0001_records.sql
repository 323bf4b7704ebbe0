-- The columns of sealed fields are bytea: an envelope of the vault. Times are microseconds since 1970 UTC.

CREATE TABLE caregivers_question (
	tenant        int    NOT NULL,
	id            text   NOT NULL,
	legacy_number bigint,
	text_en       text   NOT NULL,
	text_fr       text   NOT NULL,
	active        bool   NOT NULL,
	created       bigint,
	updated       bigint,
	PRIMARY KEY (tenant, id)
);

CREATE TABLE caregivers_answer (
	tenant          int    NOT NULL,
	id              text   NOT NULL,
	legacy_number   bigint,
	legacy_question bigint,
	legacy_patient  bigint,
	question        text,
	question_text   text,
	subject         text,
	answer          bytea  NOT NULL,
	created         bigint,
	updated         bigint,
	PRIMARY KEY (tenant, id)
);

CREATE INDEX caregivers_answer_subject ON caregivers_answer (tenant, subject);

CREATE TABLE caregivers_device (
	tenant         int    NOT NULL,
	id             text   NOT NULL,
	legacy_number  bigint,
	legacy_patient bigint,
	legacy_answer  bigint,
	subject        text,
	username       text   NOT NULL,
	device_id      text   NOT NULL,
	device_type    bigint NOT NULL,
	app_version    text   NOT NULL,
	push_token     bytea  NOT NULL,
	session_id     bytea,
	answer_record  text,
	answer         bytea,
	attempts       bigint NOT NULL,
	trusted        bool   NOT NULL,
	timeout        bigint,
	updated        bigint,
	PRIMARY KEY (tenant, id)
);

CREATE INDEX caregivers_device_username ON caregivers_device (tenant, username, device_id);

CREATE TABLE caregivers_account (
	tenant         int    NOT NULL,
	id             text   NOT NULL,
	legacy_number  bigint,
	legacy_patient bigint,
	kind           text   NOT NULL,
	subject        text,
	username       text   NOT NULL,
	password       bytea,
	session_id     bytea,
	updated        bigint,
	PRIMARY KEY (tenant, id)
);

CREATE INDEX caregivers_account_username ON caregivers_account (tenant, username);
CREATE INDEX caregivers_account_subject ON caregivers_account (tenant, subject);
