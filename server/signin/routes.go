package signin

import (
	"net/http"
	"slices"

	"github.com/ficushealth/ficus/server/edge"
)

// Route is something that is served.
type Route struct{ Method, Path string }

// Routes lists what is served, so that it can be put beside what others serve, and a test can ask all of it. An Issuer that there
// is not serves nothing.
func (i *Issuer) Routes() []Route {
	if i == nil {
		return nil
	}
	return slices.Clone(i.served)
}

func (i *Issuer) routes() {
	i.json("GET", "/.well-known/openid-configuration", i.discovery)
	i.json("GET", "/.well-known/oauth-authorization-server", i.discovery)
	i.json("GET", "/fhir/.well-known/smart-configuration", i.smart)
	i.json("GET", "/oauth/jwks", i.jwks)
	i.json("POST", tokenPath, i.limitedCall(edge.Token, i.token))
	i.json("POST", "/oauth/introspect", i.introspect)
	i.json("POST", "/oauth/revoke", i.revoke)
	i.json("POST", "/oauth/device", i.limitedCall(edge.Device, i.beginDevice))
	i.json("GET", "/oauth/userinfo", i.userinfo)
	i.json("POST", "/oauth/userinfo", i.userinfo)
	if i.o.Register {
		i.handle("POST", "/oauth/register", http.HandlerFunc(i.register))
	}
	i.handle("GET", "/oauth/authorize", i.limitedPage(edge.SignIn, i.authorize))
	i.handle("POST", "/oauth/authorize", http.HandlerFunc(i.authorizePost))
	i.page(signInPath, i.enter, i.limitedPage(edge.SignIn, i.signInWith))
	i.page(factorPath, nil, i.limitedPage(edge.SignIn, i.secondFactor))
	i.page(passwordPath, i.newPassword, i.limitedPage(edge.SignIn, i.changePassword))
	i.page(consentPath, i.consent, i.answer)
	i.page(devicePath, i.typeCode, i.typedCode)
	i.page(sessionsPath, i.sessions, i.endSome)
	i.page(factorsPath, i.factors, i.changeFactors)
	i.page(leavePath, i.askLeave, i.left)
}

// page registers what a page shows and what its form does. A form counts only if this browser was shown it, on our page: the
// browser says from where it comes (http.CrossOriginProtection), and a token in the form agrees.
func (i *Issuer) page(path string, show, do http.HandlerFunc) {
	if show != nil {
		i.handle("GET", path, show)
	}
	sent := http.NewCrossOriginProtection()
	sent.AddTrustedOrigin(i.url) //nolint:errcheck // it is an origin
	sent.SetDenyHandler(http.HandlerFunc(i.foreign))
	i.handle("POST", path, sent.Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r.Body = http.MaxBytesReader(w, r.Body, maxForm)
		if err := r.ParseForm(); err != nil || !i.isOurForm(r) {
			i.foreign(w, r)
			return
		}
		do(w, r)
	})))
}

// foreign refuses a form that was not sent from our page.
func (i *Issuer) foreign(w http.ResponseWriter, r *http.Request) {
	i.oops(w, r, http.StatusForbidden, "This was sent from a page that is too old, or is not ours. Cookies must be allowed here. Begin again.")
}

// json registers a call whose answer is JSON.
func (i *Issuer) json(method, path string, call func(*http.Request) (any, error)) {
	i.handle(method, path, i.answering(call))
}

func (i *Issuer) handle(method, path string, h http.Handler) {
	i.served = append(i.served, Route{method, path})
	i.mux.Handle(method+" "+path, h)
}
