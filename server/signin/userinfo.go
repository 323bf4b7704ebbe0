package signin

import (
	"net/http"
	"strings"

	"github.com/ficushealth/ficus/engine/access"
	"github.com/ficushealth/ficus/fault"
	"github.com/ficushealth/ficus/server/edge"
)

// person is who has signed in (OpenID Connect Core section 5.3).
type person struct {
	Subject string `json:"sub"`
	Name    string `json:"name,omitempty"`
	Login   string `json:"preferred_username,omitempty"`
}

// userinfo tells a client with whom it has to do.
func (i *Issuer) userinfo(r *http.Request) (any, error) {
	token, err := bearer(r)
	var p access.Principal
	if err == nil {
		p, _, err = i.Principal(r.Context(), token)
	}
	id, isUser := strings.CutPrefix(p.Subject, "user/")
	switch {
	case fault.Is(err, fault.Unauthorized):
		return nil, i.worthless(r, p, err)
	case err != nil:
		return nil, err
	case !isUser || !p.Scopes.Has("openid"):
		return nil, refused{http.StatusForbidden, "insufficient_scope", "the scope openid is needed"}
	case !p.Scopes.Has("profile"):
		return person{Subject: p.Subject}, nil
	}
	u, err := i.book.UserByID(r.Context(), p.Tenant, id)
	return person{p.Subject, u.Name, u.Login}, err
}

// worthless refuses a token, and puts that on record.
func (i *Issuer) worthless(r *http.Request, p access.Principal, err error) error {
	if many := i.slow(r, edge.Address); many != nil {
		return many
	}
	i.o.Audit(r.Context(), refusal(r, p, i.o.Now(), err))
	return refused{http.StatusUnauthorized, "invalid_token", fault.Find(err).Text}
}
