package signin

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/ficushealth/ficus/care/accounts"
	"github.com/ficushealth/ficus/engine/access"
	"github.com/ficushealth/ficus/server/edge"
)

// token is the token endpoint (RFC 6749 section 3.2).
func (i *Issuer) token(r *http.Request) (any, error) {
	c, f, err := i.caller(r)
	if err == nil {
		err = i.slowClient(c, edge.Token)
	}
	if err != nil {
		return nil, err
	}
	kind := f.Get("grant_type")
	way := map[string]func(*http.Request, accounts.Client, url.Values) (any, error){
		accounts.GrantCode: i.byCode, accounts.GrantRefresh: i.byRefresh, accounts.GrantClient: i.byItself, accounts.GrantDevice: i.byDevice,
	}[kind]
	switch {
	case kind == "":
		return nil, no("invalid_request", "the grant_type is missing")
	case way == nil:
		return nil, no("unsupported_grant_type", "there is no such grant_type")
	case !c.May(kind):
		return nil, no("unauthorized_client", "the client is not registered for this grant_type")
	case !i.ours(f):
		return nil, notOurs()
	}
	return way(r, c, f)
}

// byCode exchanges a code for tokens (RFC 6749 section 4.1.3, RFC 7636 section 4.6).
func (i *Issuer) byCode(r *http.Request, c accounts.Client, f url.Values) (any, error) {
	sum := sha256.Sum256([]byte(f.Get("code_verifier")))
	shown := []byte(base64.RawURLEncoding.EncodeToString(sum[:]))
	return i.spend(r, c, accounts.Code, f.Get("code"), nil, func(g accounts.Grant) error {
		if g.Asked.Redirect != f.Get("redirect_uri") || subtle.ConstantTimeCompare(shown, []byte(g.Asked.Challenge)) != 1 {
			return no("invalid_grant", "the code was given to another redirect_uri or code_verifier")
		}
		return nil
	})
}

// byRefresh exchanges a refresh token for the next one (RFC 6749 section 6).
func (i *Issuer) byRefresh(r *http.Request, c accounts.Client, f url.Values) (any, error) {
	asked := strings.Fields(f.Get("scope"))
	return i.spend(r, c, accounts.Refresh, f.Get("refresh_token"), asked, func(g accounts.Grant) error {
		if slices.ContainsFunc(asked, func(s string) bool { return !slices.Contains(g.Scopes, s) }) {
			return no("invalid_scope", "no more can be had than was given")
		}
		return nil
	})
}

// byItself gives a client tokens for what it may do itself (RFC 6749 section 4.4, SMART Backend Services).
func (i *Issuer) byItself(r *http.Request, c accounts.Client, f url.Values) (any, error) {
	scopes := strings.Fields(f.Get("scope"))
	asked, err := within(c, scopes)
	if err != nil {
		return nil, err
	}
	if !asked.OnlySystem() {
		return nil, no("invalid_scope", "a client has scopes of its own that begin with system/")
	}
	g, err := i.book.Own(r.Context(), c, scopes, accessLife)
	if err != nil {
		return nil, err
	}
	return i.tokens(r.Context(), g, scopes, "")
}

// within reads scopes, which must be among those of the client.
func within(c accounts.Client, scopes []string) (access.Scopes, error) {
	asked, err := access.ParseScopes(strings.Join(scopes, " "))
	if err != nil {
		return asked, no("invalid_scope", "a scope is not understood, or none is asked for")
	}
	most, err := access.ParseScopes(strings.Join(c.Scopes, " "))
	if err == nil && !most.Contain(asked) {
		err = no("invalid_scope", "the client is not registered for a scope that it asks for")
	}
	return asked, err
}

// spend uses what a client shows, and gives it tokens. The next refresh token is made with the change, and kept back where none
// was granted.
func (i *Issuer) spend(r *http.Request, c accounts.Client, kind accounts.Kind, text string, scopes []string, check func(accounts.Grant) error) (any, error) {
	next := accounts.NewSecret(accounts.Refresh, c.Tenant, offlineLife)
	g, err := i.book.Spend(r.Context(), kind, text, func(g accounts.Grant) error {
		if g.Tenant != c.Tenant || g.Client != c.ID {
			return notGood()
		}
		return check(g)
	}, next)
	if err != nil {
		return nil, err
	}
	if len(scopes) == 0 {
		scopes = g.Scopes
	}
	if !c.May(accounts.GrantRefresh) || !goesOn(g.Scopes) {
		next.Text = ""
	}
	return i.tokens(r.Context(), g, scopes, next.Text)
}

// notGood says the same of what is not there and of what is another client's.
func notGood() error {
	return no("invalid_grant", "it is not known, has expired, was used or ended, or is another client's")
}

// goesOn tells whether more tokens can be had later without asking the user again.
func goesOn(scopes []string) bool {
	return slices.Contains(scopes, offline) || slices.Contains(scopes, "online_access")
}

const offline = "offline_access"

// ours tells whether aud (SMART App Launch) and resource (RFC 8707), where they are sent, mean our FHIR interface.
func (i *Issuer) ours(f url.Values) bool {
	return !slices.ContainsFunc(slices.Concat(f["aud"], f["resource"]), func(at string) bool { return strings.TrimSuffix(at, "/") != i.base })
}

func notOurs() error {
	return no("invalid_target", "aud and resource name the FHIR interface of this server")
}
