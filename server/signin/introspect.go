package signin

import (
	"net/http"

	"github.com/ficushealth/ficus/care/accounts"
	"github.com/ficushealth/ficus/engine/access"
	"github.com/ficushealth/ficus/fault"
	"github.com/ficushealth/ficus/server/edge"
)

// introspected is what is said about a token (RFC 7662 section 2.2). Of one that is worth nothing, that alone.
type introspected struct {
	Active bool `json:"active"`
	*claims
	Type string `json:"token_type,omitempty"`
}

// introspect tells a client of the tenant that can keep a secret what a token is worth now.
func (i *Issuer) introspect(r *http.Request) (any, error) {
	c, f, err := i.caller(r)
	if err == nil && c.Method == accounts.MethodNone {
		err = notKnown()
	}
	if err == nil {
		err = i.o.Limits.Take(edge.Client, among(c.Tenant, "client/"+c.ID))
	}
	if err != nil {
		return nil, err
	}
	text := f.Get("token")
	p, _, err := i.Principal(r.Context(), text)
	switch {
	case fault.Is(err, fault.Unauthorized):
		return i.introspectRefresh(r, c, text)
	case err != nil:
		return nil, err
	case p.Tenant != c.Tenant:
		return introspected{}, nil
	}
	said, _, err := i.claimed(r.Context(), text)
	said.Scope = p.Scopes.String()
	return introspected{true, &said, "Bearer"}, err
}

// introspectRefresh says it of a refresh token to the client that holds it.
func (i *Issuer) introspectRefresh(r *http.Request, c accounts.Client, text string) (any, error) {
	g, err := i.book.Find(r.Context(), accounts.Refresh, text)
	switch {
	case fault.Is(err, fault.Unauthorized), fault.Is(err, fault.Conflict):
		return introspected{}, nil
	case err != nil:
		return nil, err
	case g.Client != c.ID || g.Given.IsZero():
		return introspected{}, nil
	}
	return map[string]any{"active": true, "client_id": g.Client, "sub": g.Subject, "iss": i.url, "sid": g.ID, "exp": g.Expires.Unix()}, nil
}

// revoke ends what was granted to a client, whichever of its tokens is shown (RFC 7009). Of a token that is not its own, or worth
// nothing, it hears the same.
func (i *Issuer) revoke(r *http.Request) (any, error) {
	c, f, err := i.caller(r)
	if err != nil {
		return nil, err
	}
	grant, err := i.grantOf(r, c, f.Get("token"))
	if err == nil && grant != "" {
		by := access.Principal{Tenant: c.Tenant, Subject: "client/" + c.ID, Client: "client/" + c.ID, Address: address(r), RequestID: r.Header.Get("X-Request-Id")}
		err = i.book.End(r.Context(), by, grant)
	}
	if err != nil && !fault.Is(err, fault.Unknown) {
		return nil, err
	}
	return struct{}{}, nil
}

// grantOf is the grant of a client for which a token stands, empty if there is none.
func (i *Issuer) grantOf(r *http.Request, c accounts.Client, token string) (string, error) {
	g, err := i.book.Find(r.Context(), accounts.Refresh, token)
	if (err == nil || fault.Is(err, fault.Conflict)) && g.Client == c.ID && g.Tenant == c.Tenant {
		return g.ID, nil
	}
	if err != nil && !fault.Is(err, fault.Unauthorized) && !fault.Is(err, fault.Conflict) {
		return "", err
	}
	said, found, err := i.claimed(r.Context(), token)
	if !found || said.Client != c.ID {
		return "", err
	}
	return said.Grant, err
}
