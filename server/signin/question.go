package signin

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/ficushealth/ficus/care/accounts"
	"github.com/ficushealth/ficus/engine/access"
	"github.com/ficushealth/ficus/fault"
)

// The pages.
const (
	signInPath   = "/signin"
	factorPath   = "/signin/factor"
	passwordPath = "/signin/password"
	consentPath  = "/signin/consent"
	devicePath   = "/signin/device"
	sessionsPath = "/signin/sessions"
	factorsPath  = "/signin/factors"
)

// kept are those parameters of a page by which it is known what it is about. They go along from page to page.
func kept(r *http.Request) url.Values {
	q, out := r.URL.Query(), url.Values{}
	for _, name := range []string{"grant", "code", "tenant", "then"} {
		if v := q.Get(name); v != "" && len(v) <= maxToken {
			out.Set(name, v)
		}
	}
	return out
}

// place names a grant in addresses. It begins with the tenant, as a user code does.
func place(g accounts.Grant) string { return strconv.FormatInt(int64(g.Tenant), 36) + "." + g.ID }

// tenantOf is the tenant that a page is about.
func tenantOf(q url.Values) int32 {
	for _, name := range []string{"grant", "code", "tenant"} {
		number, _, _ := strings.Cut(q.Get(name), ".")
		if n, err := strconv.ParseInt(number, 36, 32); err == nil && n > 0 {
			return int32(n)
		}
	}
	return accounts.First
}

// visitor is somebody who has signed in with a browser.
type visitor struct {
	access.Principal
	session accounts.Session
}

// visitor is who has signed in to a tenant with this browser, since an instant. Fault: Unauthorized.
func (i *Issuer) visitor(r *http.Request, tenant int32, since int64) (visitor, error) {
	p, s, err := i.book.Session(r.Context(), i.cookie(r, "session"))
	if err == nil && (p.Tenant != tenant || s.Created.Unix() < since) {
		err = fault.New(fault.Unauthorized, "sign in again")
	}
	if err != nil {
		return visitor{}, err
	}
	p.Address, p.RequestID = address(r), r.Header.Get("X-Request-Id")
	return visitor{p, s}, nil
}

// asked is the request that a page is about, which this browser must have brought. Fault: Unknown.
func (i *Issuer) asked(r *http.Request) (accounts.Grant, error) {
	_, id, _ := strings.Cut(r.URL.Query().Get("grant"), ".")
	g, err := i.book.Grant(r.Context(), tenantOf(kept(r)), id)
	device := i.browser(r)
	if err == nil && (device == "" || g.Asked.Browser != standFor(device) || !g.Given.IsZero()) {
		err = fault.New(fault.Unknown, "there is no such request")
	}
	return g, err
}

// question is what an app wants to know of somebody who has signed in.
type question struct {
	accounts.Grant
	client accounts.Client
	by     visitor
	typed  string // the user code, if the app runs on another device
}

// question finds what is to be answered and who answers. Faults: Unauthorized: he has to sign in; Forbidden: he has to change his
// password first; Unknown; TooMany.
func (i *Issuer) question(r *http.Request) (q question, err error) {
	if q.typed = kept(r).Get("code"); q.typed != "" {
		err = i.typed(r, &q)
	} else {
		q.Grant, err = i.asked(r)
		if err == nil {
			q.by, err = i.visitor(r, q.Tenant, q.Asked.Since)
		}
	}
	if err == nil && q.by.Principal.Grant == "" {
		err = fault.New(fault.Forbidden, "the password must be changed first")
	}
	if err == nil {
		q.client, err = i.book.Client(r.Context(), q.Client)
	}
	return q, err
}

// typed looks for a user code, for somebody who has signed in: so that guesses can be counted.
func (i *Issuer) typed(r *http.Request, q *question) (err error) {
	q.by, err = i.visitor(r, tenantOf(kept(r)), 0)
	if err == nil {
		q.Grant, err = i.book.Typed(r.Context(), q.by.Principal, q.typed)
	}
	return err
}

// elsewhere answers who cannot be asked yet, or not at all.
func (i *Issuer) elsewhere(w http.ResponseWriter, r *http.Request, err error) {
	switch {
	case fault.Is(err, fault.Unauthorized):
		http.Redirect(w, r, string(at(signInPath, r)), http.StatusSeeOther)
	case fault.Is(err, fault.Forbidden):
		http.Redirect(w, r, string(at(passwordPath, r)), http.StatusSeeOther)
	case fault.Is(err, fault.Unknown):
		i.oops(w, r, http.StatusNotFound, "There is nothing to answer: it was answered already, took too long, or came from another browser. Begin again in the app.")
	case fault.Is(err, fault.TooMany):
		i.tooMany(w, r, err)
	default:
		i.broken(w, r, err)
	}
}
