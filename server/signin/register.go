package signin

import (
	"crypto/sha256"
	"encoding/json"
	"net/http"
	"slices"
	"strings"

	"github.com/ficushealth/ficus/care/accounts"
	"github.com/ficushealth/ficus/engine/access"
	"github.com/ficushealth/ficus/fault"
)

// registration is a client as it describes itself (RFC 7591 section 2).
type registration struct {
	Name      string          `json:"client_name"`
	Redirects []string        `json:"redirect_uris,omitempty"`
	Method    string          `json:"token_endpoint_auth_method"`
	Grants    []string        `json:"grant_types"`
	Responses []string        `json:"response_types,omitempty"`
	Scope     string          `json:"scope"`
	JWKS      json.RawMessage `json:"jwks,omitempty"`
	KeysAt    string          `json:"jwks_uri,omitempty"`
}

// registered is the answer (RFC 7591 section 3.2.1).
type registered struct {
	ID     string `json:"client_id"`
	Issued int64  `json:"client_id_issued_at"`
	Secret string `json:"client_secret,omitempty"`
	Ends   *int   `json:"client_secret_expires_at,omitempty"`
	registration
}

// register makes a client for who shows a token with the scope for that, in the tenant of the token (RFC 7591 section 3).
func (i *Issuer) register(w http.ResponseWriter, r *http.Request) {
	by, err := i.registrar(r)
	var in registration
	if err == nil {
		in, err = readRegistration(w, r)
	}
	if err != nil {
		i.refuse(w, r, err)
		return
	}
	c, secret, err := i.book.Register(r.Context(), by, in.client())
	if fault.Is(err, fault.Invalid) {
		err = no("invalid_client_metadata", fault.Find(err).Text)
	}
	if err != nil {
		i.refuse(w, r, err)
		return
	}
	out := registered{ID: c.ID, Issued: c.Created.Unix(), Secret: secret, registration: in}
	if secret != "" {
		out.Ends = new(int)
	}
	say(w, http.StatusCreated, out)
}

// registrar is who may register: with a token of ficus admin token whose scope is registration. What is made is on record with it.
func (i *Issuer) registrar(r *http.Request) (p access.Principal, err error) {
	token, err := bearer(r)
	if err == nil {
		p, _, err = i.book.Lookup(r.Context(), sha256.Sum256([]byte(token)))
	}
	switch {
	case fault.Is(err, fault.Unauthorized):
		return p, i.worthless(r, p, err)
	case err != nil:
		return p, err
	case !p.Scopes.Has(access.Registration):
		return p, refused{http.StatusForbidden, "insufficient_scope", "the scope registration is needed"}
	}
	p.System, p.Address, p.RequestID = true, address(r), r.Header.Get("X-Request-Id")
	return p, nil
}

func readRegistration(w http.ResponseWriter, r *http.Request) (in registration, err error) {
	bad := no("invalid_client_metadata", "the body is no JSON that describes a client (RFC 7591 section 2)")
	if json.NewDecoder(http.MaxBytesReader(w, r.Body, maxForm)).Decode(&in) != nil || len(in.JWKS) > 0 && in.KeysAt != "" {
		return in, bad
	}
	if in.Method == "" {
		in.Method = accounts.MethodBasic
	}
	if len(in.Grants) == 0 {
		in.Grants = []string{accounts.GrantCode}
	}
	if slices.ContainsFunc(in.Responses, func(t string) bool { return t != "code" }) {
		return in, no("invalid_client_metadata", "the response_type is code")
	}
	return in, nil
}

func (in registration) client() accounts.Client {
	keys := in.KeysAt
	if keys == "" {
		keys = string(in.JWKS)
	}
	return accounts.Client{Name: in.Name, Method: in.Method, JWKS: keys, Redirects: in.Redirects, Grants: in.Grants, Scopes: strings.Fields(in.Scope)}
}
