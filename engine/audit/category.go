package audit

import "strings"

// The categories of entries.
const (
	Data           = "data"           // what is kept of patients and of the organisation was seen or changed
	SignIn         = "signin"         // somebody came in or left, or what he does it with was changed
	Administration = "administration" // tenants, users, roles, clients, tokens, settings and keys were changed, or the database was copied as a whole
	Emergency      = "emergency"      // somebody took access that he does not have otherwise
	Review         = "review"         // the audit itself was read or pruned
)

// Category is the category of an entry.
func (e *Entry) Category() string {
	kind := ""
	if len(e.Things) > 0 {
		kind = e.Things[0].Type
	}
	switch {
	case e.Action == "signin", e.Action == "change-password", strings.HasPrefix(e.Action, "spend-"):
		return SignIn
	case e.Action == "break-glass":
		return Emergency
	}
	switch kind {
	case "AuditEvent":
		return Review
	case "Session", "Factor", "RecoveryCodes", "Grant":
		return SignIn
	case "Tenant", "User", "Role", "Setting", "Token", "Client", "TokenKeys", "Backup":
		return Administration
	}
	return Data
}

// Class is the kind of action (http://hl7.org/fhir/audit-event-action): C, R, U, D or, for all else, E.
func (e *Entry) Class() string {
	switch e.Action {
	case "create":
		return "C"
	case "read", "vread", "history", "match", "reveal":
		return "R"
	case "update", "patch", "choose", "confirm", "give", "take", "change-password":
		return "U"
	case "delete", "prune":
		return "D"
	}
	return "E"
}
