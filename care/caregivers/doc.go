// Package caregivers owns those who act for a patient: RelatedPerson (the
// relationship) and Person (the human being behind several relationships, or
// behind none).
//
// Its Rule guards every write of these: a person is not linked to itself, and
// nobody carries one identifier in two ways. A replayed write is taken as it was.
//
// # Records
//
// What is bookkeeping and no clinical fact lies in tables. Each is offered as a
// record, through which a mapping of a legacy system writes and reads; every
// field keeps what the legacy column held, byte for byte. What a person must not
// read, the hash of an answer or of a password, is sealed by the vault.
//
//	caregivers.SecurityQuestion  caregivers_question  a question, in English and French
//	caregivers.SecurityAnswer    caregivers_answer    the hash of a patient's answer to a question
//	caregivers.Device            caregivers_device    a device from which somebody signs in, with its session's state
//	caregivers.Account           caregivers_account   the sign-in name of a person, with what the legacy system kept of it
//
// The fields are in records.go, one line each. To add one: that line, and a
// column in a new file of schema/. What names a patient says so (Of), and so
// follows when the patient is merged into another.
//
// It never compares an answer and never sends a message: sign-in does not ask
// it yet.
package caregivers
