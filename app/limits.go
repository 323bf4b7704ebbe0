package app

import (
	"time"

	"github.com/ficushealth/ficus/server/edge"
	"github.com/ficushealth/ficus/server/signin"
)

// Limits says how much may be asked by whom. A zero value limits nothing.
type Limits struct {
	User    edge.Rate `help:"Requests of one person, with all apps that act for him: 100/s:1000 is a hundred in a second, and a thousand at once after a pause; units are s, m and h; 0 is no limit. Who has more is answered 429." placeholder:"RATE" default:"100/s:1000"`
	Client  edge.Rate `help:"Requests of one app or service, for whomever. None by default: services move much data on purpose." placeholder:"RATE" default:"0"`
	Address edge.Rate `help:"Requests from one address that let nobody in, such as with made-up tokens. Others from there are not touched." placeholder:"RATE" default:"50/s:500"`
	SignIn  edge.Rate `name:"signin" help:"Sign-ins from one address: passwords, codes of second factors, and questions of apps. Guessing is slowed down for each login besides." placeholder:"RATE" default:"5/s:100"`
	Token   edge.Rate `help:"Requests for tokens, of one client and from one address." placeholder:"RATE" default:"50/s:500"`
	Device  edge.Rate `help:"Devices without a browser that begin to ask, of one client and from one address." placeholder:"RATE" default:"1/s:30"`
}

// limits keeps count of what was asked.
func (c Config) limits(now func() time.Time) *edge.Limits {
	return edge.NewLimits(edge.LimitOptions{Now: now, Rates: map[edge.Kind]edge.Rate{
		edge.User: c.Limits.User, edge.Client: c.Limits.Client, edge.Address: c.Limits.Address, edge.SignIn: c.Limits.SignIn, edge.Token: c.Limits.Token, edge.Device: c.Limits.Device,
		edge.Poll: signin.PollRate(),
	}})
}

// origins of pages that may ask, and what they may ask for. What is the same for everybody anybody's page may read.
func (c Config) origins() edge.Origins {
	return edge.Origins{
		Known: c.CORS, Paths: []string{"/fhir", "/api/v1", "/oauth/token", "/oauth/revoke", "/oauth/userinfo"},
		Public: []string{"/.well-known/openid-configuration", "/.well-known/oauth-authorization-server", "/fhir/.well-known/smart-configuration", "/oauth/jwks"},
	}
}
