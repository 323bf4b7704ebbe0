-- A column has the name of its field. Sealed fields are bytea: an envelope of the vault. Times are microseconds since 1970 UTC.

CREATE TABLE caregivers_question (
	tenant    int    NOT NULL,
	id        text   NOT NULL,
	legacy_id bigint,
	text_en   text   NOT NULL,
	text_fr   text   NOT NULL,
	active    bool   NOT NULL,
	created   bigint,
	updated   bigint,
	PRIMARY KEY (tenant, id)
);

CREATE TABLE caregivers_answer (
	tenant             int    NOT NULL,
	id                 text   NOT NULL,
	legacy_id          bigint,
	legacy_question_id bigint,
	legacy_patient_id  bigint,
	question           text,
	patient            text,
	answer             bytea  NOT NULL,
	created            bigint,
	updated            bigint,
	PRIMARY KEY (tenant, id)
);

CREATE INDEX caregivers_answer_patient ON caregivers_answer (tenant, patient);

CREATE TABLE caregivers_device (
	tenant            int    NOT NULL,
	id                text   NOT NULL,
	legacy_id         bigint,
	legacy_patient_id bigint,
	legacy_answer_id  bigint,
	username          text   NOT NULL,
	device_id         text   NOT NULL,
	device_type       bigint NOT NULL,
	app_version       text   NOT NULL,
	push_token        bytea  NOT NULL,
	session_id        bytea,
	answer            bytea,
	attempts          bigint NOT NULL,
	trusted           bool   NOT NULL,
	timeout_until     bigint,
	updated           bigint,
	PRIMARY KEY (tenant, id)
);

CREATE INDEX caregivers_device_username ON caregivers_device (tenant, username, device_id);

CREATE TABLE caregivers_account (
	tenant         int    NOT NULL,
	id             text   NOT NULL,
	legacy_id      bigint,
	legacy_type_id bigint,
	user_type      text   NOT NULL,
	person         text,
	username       text   NOT NULL,
	password_hash  bytea,
	session_id     bytea,
	updated        bigint,
	PRIMARY KEY (tenant, id)
);

CREATE INDEX caregivers_account_username ON caregivers_account (tenant, username);
CREATE INDEX caregivers_account_person ON caregivers_account (tenant, person);
