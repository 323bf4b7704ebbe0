package caregivers

import "github.com/ficushealth/ficus/care"

// A field named legacy... is the number of a row in the system from which the record came. Without the suffix, question,
// answer of a device's row, and subject are ids on this side: of another record, or a reference such as "Patient/123".

var question = care.Table{Name: "caregivers.SecurityQuestion", Table: "caregivers_question", Fields: []care.Field{
	{Name: "legacyNumber", Column: "legacy_number", Kind: care.Int, Null: true},
	{Name: "textEn", Column: "text_en", Kind: care.Text},
	{Name: "textFr", Column: "text_fr", Kind: care.Text},
	{Name: "active", Column: "active", Kind: care.Bool},
	{Name: "created", Column: "created", Kind: care.Instant, Null: true},
	{Name: "updated", Column: "updated", Kind: care.Instant, Null: true},
}}

var answer = care.Table{Name: "caregivers.SecurityAnswer", Table: "caregivers_answer", Fields: []care.Field{
	{Name: "legacyNumber", Column: "legacy_number", Kind: care.Int, Null: true},
	{Name: "legacyQuestion", Column: "legacy_question", Kind: care.Int, Null: true},
	{Name: "legacyPatient", Column: "legacy_patient", Kind: care.Int, Null: true},
	{Name: "question", Column: "question", Kind: care.Text, Null: true},          // id of the SecurityQuestion
	{Name: "questionText", Column: "question_text", Kind: care.Text, Null: true}, // as it was asked, where no question is referred to
	{Name: "subject", Column: "subject", Kind: care.Text, Null: true},            // whose answer: Patient/id or Person/id
	{Name: "answer", Column: "answer", Kind: care.Sealed},                        // the hash, as the legacy system compares it
	{Name: "created", Column: "created", Kind: care.Instant, Null: true},
	{Name: "updated", Column: "updated", Kind: care.Instant, Null: true},
}}

var device = care.Table{Name: "caregivers.Device", Table: "caregivers_device", Fields: []care.Field{
	{Name: "legacyNumber", Column: "legacy_number", Kind: care.Int, Null: true},
	{Name: "legacyPatient", Column: "legacy_patient", Kind: care.Int, Null: true},
	{Name: "legacyAnswer", Column: "legacy_answer", Kind: care.Int, Null: true},
	{Name: "subject", Column: "subject", Kind: care.Text, Null: true},
	{Name: "username", Column: "username", Kind: care.Text},
	{Name: "deviceId", Column: "device_id", Kind: care.Text},
	{Name: "deviceType", Column: "device_type", Kind: care.Int}, // 0 iOS, 1 Android, 3 browser
	{Name: "appVersion", Column: "app_version", Kind: care.Text},
	{Name: "pushToken", Column: "push_token", Kind: care.Sealed},
	{Name: "sessionId", Column: "session_id", Kind: care.Sealed, Null: true},
	{Name: "answerRecord", Column: "answer_record", Kind: care.Text, Null: true}, // id of the SecurityAnswer that was asked for
	{Name: "answer", Column: "answer", Kind: care.Sealed, Null: true},            // its hash, kept for the length of the session
	{Name: "attempts", Column: "attempts", Kind: care.Int},
	{Name: "trusted", Column: "trusted", Kind: care.Bool},
	{Name: "timeout", Column: "timeout", Kind: care.Instant, Null: true}, // no attempt before
	{Name: "updated", Column: "updated", Kind: care.Instant, Null: true},
}}

var account = care.Table{Name: "caregivers.Account", Table: "caregivers_account", Fields: []care.Field{
	{Name: "legacyNumber", Column: "legacy_number", Kind: care.Int, Null: true},
	{Name: "legacyPatient", Column: "legacy_patient", Kind: care.Int, Null: true},
	{Name: "kind", Column: "kind", Kind: care.Text},                   // Patient or Caregiver
	{Name: "subject", Column: "subject", Kind: care.Text, Null: true}, // who signs in: Patient/id or Person/id
	{Name: "username", Column: "username", Kind: care.Text},           // the uid at the identity provider
	{Name: "password", Column: "password", Kind: care.Sealed, Null: true},
	{Name: "sessionId", Column: "session_id", Kind: care.Sealed, Null: true},
	{Name: "updated", Column: "updated", Kind: care.Instant, Null: true},
}}
