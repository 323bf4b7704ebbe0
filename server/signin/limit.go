package signin

import (
	"net/http"
	"strconv"
	"strings"

	"github.com/ficushealth/ficus/care/accounts"
	"github.com/ficushealth/ficus/engine/access"
	"github.com/ficushealth/ficus/fault"
	"github.com/ficushealth/ficus/server/edge"
)

// limit counts a request for the person and for the client, each of his tenant. Fault: TooMany.
func (g *Gate) limit(p access.Principal) error {
	if strings.HasPrefix(p.Subject, "user/") {
		if err := g.o.Limits.Take(edge.User, among(p.Tenant, p.Subject)); err != nil {
			return err
		}
	}
	if strings.HasPrefix(p.Client, "client/") || strings.HasPrefix(p.Client, "token/") {
		return g.o.Limits.Take(edge.Client, among(p.Tenant, p.Client))
	}
	return nil
}

// among is a person or client among those of all tenants.
func among(tenant int32, name string) string { return strconv.Itoa(int(tenant)) + "/" + name }

// refused puts a request on record that lets nobody in, and counts it for its address: once too many come from there, they are refused
// without being looked at further, so that the record does not fill up with them. Requests that let somebody in are not counted
// there, as many people may share an address.
func (g *Gate) refused(r *http.Request, p access.Principal, err error) error {
	if !fault.Is(err, fault.Unauthorized) {
		return err
	}
	if many := g.o.Limits.Take(edge.Address, edge.Neighbourhood(address(r))); many != nil {
		return many
	}
	g.o.Audit(r.Context(), refusal(r, p, g.o.Now(), err))
	return err
}

// slow counts a request from an address. Fault: TooMany.
func (i *Issuer) slow(r *http.Request, k edge.Kind) error {
	return i.o.Limits.Take(k, edge.Neighbourhood(address(r)))
}

// slowClient counts a request of a client. Fault: TooMany.
func (i *Issuer) slowClient(c accounts.Client, k edge.Kind) error {
	return i.o.Limits.Take(k, "client/"+c.ID)
}

// limitedPage limits what a page does, and says so on a page.
func (i *Issuer) limitedPage(k edge.Kind, do http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if err := i.slow(r, k); err != nil {
			i.tooMany(w, r, err)
			return
		}
		do(w, r)
	}
}

// tooMany says on a page how long to wait.
func (i *Issuer) tooMany(w http.ResponseWriter, r *http.Request, err error) {
	w.Header().Set("Retry-After", edge.RetryAfter(err))
	i.oops(w, r, http.StatusTooManyRequests, fault.Find(err).Text)
}

// limitedCall limits a call whose answer is JSON.
func (i *Issuer) limitedCall(k edge.Kind, call func(*http.Request) (any, error)) func(*http.Request) (any, error) {
	return func(r *http.Request) (any, error) {
		if err := i.slow(r, k); err != nil {
			return nil, err
		}
		return call(r)
	}
}
