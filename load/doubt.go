package load

import (
	"errors"

	"github.com/ficushealth/ficus/fault"
	"github.com/ficushealth/ficus/fhir"
)

// doubt marks an error after which it is not known whether the server did what it was asked for.
type doubt struct{ error }

func (d doubt) Unwrap() error { return d.error }

func inDoubt(err error) bool {
	_, is := errors.AsType[doubt](err)
	return is
}

// lost is the error of an answer that did not come.
func lost(cause error) error {
	return doubt{errors.Join(fault.New(fault.Internal, "the answer was lost"), cause)}
}

// unknown says what to do about a failure in doubt that must not be sent again.
func unknown(err error) error {
	return fault.New(fault.Internal, "%v; whether it was stored is not known: look before loading it again", err)
}

// repeatable reports whether all entries have the same effect if they are carried out twice: updates and deletes by id, and
// conditional creates (https://hl7.org/fhir/R4/http.html#ccreate).
func (p parcel) repeatable() bool {
	for _, e := range p.entries {
		v, err := fhir.ParseValue(e.json, fhir.Limits{Bytes: maxFile})
		if err != nil {
			return false
		}
		switch r := v.Get("request"); r.Get("method").Str() {
		case "PUT", "DELETE", "GET", "HEAD":
		case "POST":
			if !r.Get("ifNoneExist").Exists() {
				return false
			}
		default:
			return false
		}
	}
	return true
}
