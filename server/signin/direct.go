package signin

import (
	"context"
	"crypto/sha256"
	"net/http"
	"strings"

	"github.com/ficushealth/ficus/care/accounts"
	"github.com/ficushealth/ficus/engine/access"
	"github.com/ficushealth/ficus/fault"
	"github.com/ficushealth/ficus/server/edge"
)

// directScope is what somebody who has signed in without an app may do with resources, within what his roles allow.
const directScope = "user/*.cruds"

// Attempt is what somebody shows to sign in without an app.
type Attempt struct {
	Tenant                  int32
	Login, Password, Device string
}

// Entered is what became of it: tokens, or a ticket for the second step.
type Entered struct {
	Ticket          string // a second factor is needed: see Second
	Access, Refresh string
	Seconds         int64 // for which Access is good
	By              access.Principal
	MustChange      bool // nothing but changing the password is allowed before that is done
}

// Enter signs somebody in by a password, and gives him tokens of the program's own client. Faults: as accounts.SignIn; TooMany.
func (i *Issuer) Enter(r *http.Request, a Attempt) (Entered, error) {
	if err := i.slow(r, edge.SignIn); err != nil {
		return Entered{}, err
	}
	try := i.attempt(r)
	try.Login, try.Password, try.Device = a.Login, a.Password, a.Device
	s, err := i.book.SignIn(r.Context(), a.Tenant, try)
	return i.within(r, s, err)
}

// Second signs in who has shown the password by the ticket for it and a second factor. Faults: as accounts.Second; TooMany.
func (i *Issuer) Second(r *http.Request, ticket, code string) (Entered, error) {
	if err := i.slow(r, edge.SignIn); err != nil {
		return Entered{}, err
	}
	s, err := i.book.Second(r.Context(), ticket, code, i.attempt(r))
	return i.within(r, s, err)
}

func (i *Issuer) attempt(r *http.Request) accounts.Try {
	return accounts.Try{Address: address(r), Agent: agent(r), RequestID: r.Header.Get("X-Request-Id")}
}

// within makes the tokens of a session that was made just now.
func (i *Issuer) within(r *http.Request, s accounts.Signed, err error) (Entered, error) {
	if err != nil || s.Ticket != "" {
		return Entered{Ticket: s.Ticket}, err
	}
	by, session, err := i.book.Session(r.Context(), s.Text)
	if err != nil {
		return Entered{}, err
	}
	by.Address, by.Agent, by.RequestID = address(r), agent(r), r.Header.Get("X-Request-Id")
	next := accounts.NewSecret(accounts.Refresh, by.Tenant, onlineLife)
	yes := accounts.Yes{Scopes: []string{directScope}, Life: onlineLife, Claims: map[string]any{claimTime: session.Created.Unix(), claimFactors: session.Factors}}
	g, err := i.book.Direct(r.Context(), by, yes, next)
	if err != nil {
		return Entered{}, err
	}
	return i.entry(r.Context(), g, by, next.Text)
}

func (i *Issuer) entry(ctx context.Context, g accounts.Grant, by access.Principal, refresh string) (Entered, error) {
	h, err := i.tokens(ctx, g, g.Scopes, refresh)
	return Entered{Access: h.Access, Refresh: h.Refresh, Seconds: h.Expires, By: by, MustChange: by.Grant == ""}, err
}

// Renew exchanges a refresh token of Enter for the next tokens. One that is shown again ends what it stood for, with the session.
// Faults: Unauthorized, TooMany.
func (i *Issuer) Renew(r *http.Request, refresh string) (Entered, error) {
	if err := i.slow(r, edge.Token); err != nil {
		return Entered{}, err
	}
	g, err := i.book.Find(r.Context(), accounts.Refresh, refresh)
	if err != nil && !fault.Is(err, fault.Conflict) {
		return Entered{}, err
	}
	by, _, err := i.book.Here(r.Context(), g.Tenant, g.ID)
	if err != nil {
		return Entered{}, err
	}
	next := accounts.NewSecret(accounts.Refresh, g.Tenant, onlineLife)
	g, err = i.book.Spend(r.Context(), accounts.Refresh, refresh, func(accounts.Grant) error { return nil }, next)
	if err != nil {
		return Entered{}, err
	}
	return i.entry(r.Context(), g, by, next.Text)
}

// himself is somebody who has signed in without an app: he acts with his roles, which an app does not.
func (i *Issuer) himself(ctx context.Context, whose access.Principal, c claims) (access.Principal, error) {
	p, _, err := i.book.Here(ctx, whose.Tenant, c.Grant)
	if err == nil && p.Subject != c.Subject {
		err = invalid()
	}
	if err != nil {
		return p, err
	}
	scopes, err := access.ParseScopes(c.Scope)
	if err != nil {
		return p, invalid()
	}
	p.Scopes = scopes.Within(p.Roles)
	return p, nil
}

// Himself tells whether a principal is somebody who has signed in without an app, or at the pages.
func Himself(p access.Principal) bool { return strings.HasPrefix(p.Client, "session/") }

// Forget lets the gate ask anew about the token of a request, which has just ended, or is worth something else.
func (g *Gate) Forget(r *http.Request) {
	if token, err := bearer(r); err == nil {
		g.known.put(sha256.Sum256([]byte(token)), answer{})
	}
}
