// Package review shows the audit to those who may see it.
//
// It owns how the audit is asked for: as AuditEvents, whose searches (https://hl7.org/fhir/R4/auditevent.html#search) it turns
// into questions to engine/audit, and by the filters of the domain interface and the command line.
//
// It promises that whoever asks has the right to search AuditEvents, or to read one; that he sees what is of his tenant, and
// nothing else; and that what he has seen is on record before he sees it, as an entry of the category review. It
// refuses by name what it cannot search by, and never guesses.
//
// It never changes the audit.
package review
