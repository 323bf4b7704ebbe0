package caregivers

import "github.com/ficushealth/ficus/care"

// legacy_id is the number of the row from which a record came, and legacy_..._id that of a row which it refers to.

var question = care.Table{Name: "caregivers.SecurityQuestion", Table: "caregivers_question", Fields: []care.Field{
	{Name: "legacy_id", Kind: care.Int, Null: true},
	{Name: "text_en", Kind: care.Text},
	{Name: "text_fr", Kind: care.Text},
	{Name: "active", Kind: care.Bool},
	{Name: "created", Kind: care.Instant, Null: true},
	{Name: "updated", Kind: care.Instant, Null: true},
}}

var answer = care.Table{Name: "caregivers.SecurityAnswer", Table: "caregivers_answer", Fields: []care.Field{
	{Name: "legacy_id", Kind: care.Int, Null: true},
	{Name: "legacy_question_id", Kind: care.Int, Null: true},
	{Name: "legacy_patient_id", Kind: care.Int, Null: true},
	{Name: "question", Kind: care.Text, Null: true},               // id of the SecurityQuestion
	{Name: "patient", Kind: care.Text, Null: true, Of: "Patient"}, // who answered
	{Name: "answer", Kind: care.Sealed},                           // the hash, as the legacy system compares it
	{Name: "created", Kind: care.Instant, Null: true},
	{Name: "updated", Kind: care.Instant, Null: true},
}}

var device = care.Table{Name: "caregivers.Device", Table: "caregivers_device", Fields: []care.Field{
	{Name: "legacy_id", Kind: care.Int, Null: true},
	{Name: "legacy_patient_id", Kind: care.Int, Null: true},
	{Name: "legacy_answer_id", Kind: care.Int, Null: true},
	{Name: "username", Kind: care.Text}, // of the Account
	{Name: "device_id", Kind: care.Text},
	{Name: "device_type", Kind: care.Int}, // 0 iOS, 1 Android, 3 browser
	{Name: "app_version", Kind: care.Text},
	{Name: "push_token", Kind: care.Sealed},
	{Name: "session_id", Kind: care.Sealed, Null: true},
	{Name: "answer", Kind: care.Sealed, Null: true}, // the hash that was asked for, kept for the session
	{Name: "attempts", Kind: care.Int},
	{Name: "trusted", Kind: care.Bool},
	{Name: "timeout_until", Kind: care.Instant, Null: true}, // no attempt before
	{Name: "updated", Kind: care.Instant, Null: true},
}}

var account = care.Table{Name: "caregivers.Account", Table: "caregivers_account", Fields: []care.Field{
	{Name: "legacy_id", Kind: care.Int, Null: true},
	{Name: "legacy_type_id", Kind: care.Int, Null: true},        // the patient row that stands for the user
	{Name: "user_type", Kind: care.Text},                        // Patient or Caregiver
	{Name: "person", Kind: care.Text, Null: true, Of: "Person"}, // who signs in
	{Name: "username", Kind: care.Text},                         // the uid at the identity provider
	{Name: "password_hash", Kind: care.Sealed, Null: true},
	{Name: "session_id", Kind: care.Sealed, Null: true},
	{Name: "updated", Kind: care.Instant, Null: true},
}}
