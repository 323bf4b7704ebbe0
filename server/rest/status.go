package rest

import (
	"net/http"

	"github.com/ficushealth/ficus/fault"
)

// statusOf is the HTTP status of a kind of fault (https://hl7.org/fhir/R4/http.html#Status-Codes).
func statusOf(k fault.Kind) int {
	switch k {
	case fault.Invalid:
		return http.StatusBadRequest
	case fault.Unprocessable, fault.TooCostly: // final: a 504 would be sent again by clients and proxies
		return http.StatusUnprocessableEntity
	case fault.Unknown:
		return http.StatusNotFound
	case fault.Gone:
		return http.StatusGone
	case fault.Conflict:
		return http.StatusConflict
	case fault.Stale:
		return http.StatusPreconditionFailed
	case fault.Precondition:
		return http.StatusPreconditionRequired
	case fault.Unauthorized:
		return http.StatusUnauthorized
	case fault.Forbidden:
		return http.StatusForbidden
	case fault.Unsupported:
		return http.StatusUnsupportedMediaType
	case fault.NotAcceptable:
		return http.StatusNotAcceptable
	case fault.TooLarge:
		return http.StatusRequestEntityTooLarge
	case fault.TooMany:
		return http.StatusTooManyRequests
	case fault.TimedOut:
		return http.StatusGatewayTimeout
	case fault.Unavailable:
		return http.StatusServiceUnavailable
	}
	return http.StatusInternalServerError
}

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
	case fault.Unsupported, fault.NotAcceptable:
		return "not-supported"
	case fault.TooLarge:
		return "too-long"
	case fault.TooMany:
		return "throttled"
	case fault.TooCostly, fault.TimedOut:
		return "too-costly"
	case fault.Unavailable:
		return "transient"
	}
	return "exception"
}
