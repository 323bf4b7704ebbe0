package fault

import (
	"errors"
	"fmt"
	"time"
)

// Kind says what went wrong, as far as the caller needs to know to react.
type Kind uint8

// The closed list. The comment names the HTTP status that FHIR gives it
// (https://hl7.org/fhir/R4/http.html#Status-Codes).
const (
	Internal      Kind = iota // 500: our own mistake; the zero Kind, so that an unclassified error is never blamed on the caller
	Invalid                   // 400: cannot be read: syntax, parameters, cursor
	Unprocessable             // 422: can be read, but breaks a rule of FHIR, a profile or the domain
	Unknown                   // 404: no such thing, or none that the caller may know of
	Gone                      // 410: deleted
	Conflict                  // 409: the state of the thing does not allow it
	Stale                     // 412: a precondition (If-Match, a conditional with several matches) failed
	Precondition              // 428: a precondition is required and missing
	Unauthorized              // 401: no valid credentials
	Forbidden                 // 403: valid credentials, not enough rights
	Unsupported               // 415: a media type that is not spoken
	NotAcceptable             // 406: no representation that the caller accepts
	TooLarge                  // 413: beyond a stated limit
	TooMany                   // 429: slow down
	TooCostly                 // 422: beyond what is done for one request, however often it is sent
	TimedOut                  // 504: gave up at a stated time-out
	Unavailable               // 503: a needed part (the database) is away; try again
	NotAllowed                // 405: what is addressed does not take that method
	Slow                      // 408: the caller did not send what he announced in time
)

var names = [...]string{
	"internal", "invalid", "unprocessable", "unknown", "gone", "conflict", "stale", "precondition-required",
	"unauthorized", "forbidden", "unsupported", "not-acceptable", "too-large", "too-many", "too-costly", "timed-out", "unavailable", "not-allowed", "slow",
}

// String is the kind's name in lower case, for logs.
func (k Kind) String() string {
	if int(k) < len(names) {
		return names[k]
	}
	return fmt.Sprintf("kind(%d)", uint8(k))
}

// Issue is one thing that is wrong with an input.
type Issue struct {
	Code       string // FHIR issue type, for example "required" (http://hl7.org/fhir/issue-type)
	Text       string // for people; holds no patient data
	Expression string // FHIRPath of the place, for example "Patient.name[0].given"; may be empty
	Line, Col  int    // place in the input, both from 1; 0 when not known
	Warning    bool   // true: said, but no reason to refuse
	Info       bool   // with Warning: only for information, such as what could not be checked
}

// Error is a failure of a known kind.
type Error struct {
	Kind   Kind
	Text   string        // what happened and what to do, for the caller; holds no patient data
	Issues []Issue       // the single things, where there are several or where the place is known
	Wait   time.Duration // for how long nothing else is to be expected; 0: nobody knows
}

// Error is the text for the caller.
func (e *Error) Error() string { return e.Text }

// New makes a fault; the format's arguments must not hold patient data.
func New(k Kind, format string, args ...any) *Error {
	return &Error{Kind: k, Text: fmt.Sprintf(format, args...)}
}

// At makes a fault about one place of the input.
func At(k Kind, i Issue) *Error { return &Error{Kind: k, Text: i.Text, Issues: []Issue{i}} }

// Of is the kind of the innermost fault in err's chain, Internal if there is none.
func Of(err error) Kind {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Kind
	}
	return Internal
}

// Is reports whether err is a fault of kind k.
func Is(err error, k Kind) bool { return err != nil && Of(err) == k }

// Find returns the fault in err's chain, nil if there is none.
func Find(err error) *Error {
	e, _ := errors.AsType[*Error](err)
	return e
}
