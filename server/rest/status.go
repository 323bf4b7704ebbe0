package rest

import "github.com/ficushealth/ficus/fault"

// issueType is the code of an issue that names none itself (http://hl7.org/fhir/issue-type).
func issueType(k fault.Kind) string {
	switch k {
	case fault.Invalid:
		return "invalid"
	case fault.Unprocessable:
		return "processing"
	case fault.Unknown:
		return "not-found"
	case fault.Gone:
		return "deleted"
	case fault.Conflict, fault.Stale:
		return "conflict"
	case fault.Precondition:
		return "required"
	case fault.Unauthorized:
		return "login"
	case fault.Forbidden:
		return "forbidden"
	case fault.Unsupported, fault.NotAcceptable, fault.NotAllowed:
		return "not-supported"
	case fault.TooLarge:
		return "too-long"
	case fault.TooMany:
		return "throttled"
	case fault.TooCostly, fault.TimedOut:
		return "too-costly"
	case fault.Slow:
		return "timeout"
	case fault.Unavailable:
		return "transient"
	}
	return "exception"
}
