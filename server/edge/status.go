package edge

import (
	"net/http"

	"github.com/ficushealth/ficus/fault"
)

// StatusOf is the HTTP status of a kind of fault (https://hl7.org/fhir/R4/http.html#Status-Codes).
func StatusOf(k fault.Kind) int {
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
	case fault.NotAllowed:
		return http.StatusMethodNotAllowed
	case fault.Slow:
		return http.StatusRequestTimeout
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
