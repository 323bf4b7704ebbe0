package signin

import (
	"net/http"
	"time"

	"github.com/ficushealth/ficus/fault"
)

// Refusal is a request that was not let in. It holds nothing of the credential.
type Refusal struct {
	At        time.Time
	Address   string
	RequestID string
	Route     string // pattern of the route, not the address that was asked for
	Reason    string
}

func refusal(r *http.Request, at time.Time, err error) Refusal {
	reason := ""
	if f := fault.Find(err); f != nil {
		reason = f.Text
	}
	return Refusal{At: at, Address: address(r), RequestID: r.Header.Get("X-Request-Id"), Route: r.Pattern, Reason: reason}
}
