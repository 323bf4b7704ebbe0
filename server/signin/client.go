package signin

import (
	"context"
	"net/http"
	"net/url"

	"github.com/ficushealth/ficus/care/accounts"
	"github.com/ficushealth/ficus/engine/access"
	"github.com/ficushealth/ficus/fault"
	"github.com/ficushealth/ficus/server/edge"
)

// shown is how a client shows who it is.
type shown struct {
	id, secret, assertion string
	method                string
}

func notKnown() error {
	return refused{http.StatusUnauthorized, "invalid_client", "the client is not known, or did not show who it is in the way in which it is registered"}
}

// caller reads a form, and finds the client that sends it.
func (i *Issuer) caller(r *http.Request) (accounts.Client, url.Values, error) {
	f, err := form(r)
	if err != nil {
		return accounts.Client{}, nil, err
	}
	c, err := i.client(r, f)
	return c, f, err
}

// client is who sends a request, shown in the one way in which it is registered (RFC 6749 section 2.3). Who is refused is on record.
func (i *Issuer) client(r *http.Request, f url.Values) (accounts.Client, error) {
	s, err := showing(r, f)
	if err != nil {
		return accounts.Client{}, err
	}
	if s.method == accounts.MethodNone && s.id == "" && f.Get("grant_type") == accounts.GrantRefresh {
		return i.holder(r.Context(), f.Get("refresh_token"))
	}
	c, why, err := i.known(r.Context(), s)
	if err == nil && why != "" {
		if many := i.slow(r, edge.Address); many != nil {
			return accounts.Client{}, many
		}
		p := access.Principal{Tenant: c.Tenant}
		if c.ID != "" {
			p.Subject = "client/" + c.ID
		}
		i.o.Audit(r.Context(), refusal(r, p, i.o.Now(), fault.New(fault.Unauthorized, "%s", why)))
		err = notKnown()
	}
	return c, err
}

// showing reads how a client shows who it is, which must be in one way.
func showing(r *http.Request, f url.Values) (shown, error) {
	s := shown{f.Get("client_id"), f.Get("client_secret"), f.Get("client_assertion"), accounts.MethodNone}
	several := no("invalid_request", "a client shows who it is in one way")
	ways := 0
	if f.Has("client_secret") {
		s.method, ways = accounts.MethodPost, ways+1
	}
	if f.Has("client_assertion") || f.Has("client_assertion_type") {
		s.method, ways = accounts.MethodJWT, ways+1
		if f.Get("client_assertion_type") != "urn:ietf:params:oauth:client-assertion-type:jwt-bearer" {
			return s, no("invalid_request", "the client_assertion_type is that of RFC 7523")
		}
	}
	if len(r.Header["Authorization"]) > 0 {
		user, secret, fits := basic(r)
		if !fits || s.id != "" && s.id != user {
			return s, several
		}
		s.id, s.secret, s.method, ways = user, secret, accounts.MethodBasic, ways+1
	}
	if ways > 1 {
		return s, several
	}
	return s, nil
}

// basic reads id and secret out of the header, where they stand as in a form (RFC 6749 section 2.3.1).
func basic(r *http.Request) (id, secret string, fits bool) {
	user, pass, fits := r.BasicAuth()
	id, err1 := url.QueryUnescape(user)
	secret, err2 := url.QueryUnescape(pass)
	return id, secret, fits && len(r.Header["Authorization"]) == 1 && err1 == nil && err2 == nil && id != ""
}

// known finds the client, and says what speaks against letting it in; empty: nothing does.
func (i *Issuer) known(ctx context.Context, s shown) (c accounts.Client, why string, err error) {
	if s.method == accounts.MethodJWT {
		return i.byAssertion(ctx, s.id, s.assertion)
	}
	c, err = i.book.Client(ctx, s.id)
	switch {
	case fault.Is(err, fault.Unknown):
		return accounts.Client{}, "a client that is not known", nil
	case err != nil:
		return c, "", err
	case c.Method != s.method:
		return c, "the client did not show who it is in the way in which it is registered", nil
	case s.method != accounts.MethodNone && !c.Knows(s.secret):
		return c, "the client showed a secret that is not its own", nil
	}
	return c, "", nil
}

// holder is the public client whose refresh token this is: fhirclient does not say who it is when it refreshes. A token that was
// used still names its client, so that its replay is found.
func (i *Issuer) holder(ctx context.Context, token string) (accounts.Client, error) {
	g, err := i.book.Find(ctx, accounts.Refresh, token)
	if err != nil && (!fault.Is(err, fault.Conflict) || g.Client == "") {
		return accounts.Client{}, err
	}
	c, err := i.book.Client(ctx, g.Client)
	if fault.Is(err, fault.Unknown) || err == nil && c.Method != accounts.MethodNone {
		err = notKnown()
	}
	return c, err
}
