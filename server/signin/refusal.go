package signin

import (
	"net/http"
	"time"

	"github.com/ficushealth/ficus/engine/access"
	"github.com/ficushealth/ficus/fault"
)

// Refusal is a request that was not let in. It holds nothing of the credential.
type Refusal struct {
	Tenant    int32  // whose credentials were shown; 0: nobody knows
	Subject   string // and who would have been let in with them, such as by a token that was revoked
	Client    string
	At        time.Time
	Address   string
	Agent     string // the program, as it names itself
	RequestID string
	Route     string // pattern of the route, not the address that was asked for
	Reason    string
}

func refusal(r *http.Request, p access.Principal, at time.Time, err error) Refusal {
	reason := ""
	if f := fault.Find(err); f != nil {
		reason = f.Text
	}
	return Refusal{Tenant: p.Tenant, Subject: p.Subject, Client: p.Client, At: at, Address: address(r), Agent: agent(r), RequestID: r.Header.Get("X-Request-Id"), Route: r.Pattern, Reason: reason}
}
