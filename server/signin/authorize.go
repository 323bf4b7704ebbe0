package signin

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/ficushealth/ficus/care/accounts"
	"github.com/ficushealth/ficus/fault"
)

const maxQuery = 8 << 10 // bytes of a request for authorization

// authorize keeps what a client asks for and shows the page on which the user answers (RFC 6749 section 4.1.1). A browser is
// never sent back to an address that is not the client's.
func (i *Issuer) authorize(w http.ResponseWriter, r *http.Request) {
	q, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil || len(r.URL.RawQuery) > maxQuery || onlyOnce(q) != nil {
		i.oops(w, r, http.StatusBadRequest, "The app that sent you here asked in a way that cannot be read.")
		return
	}
	c, err := i.book.Client(r.Context(), q.Get("client_id"))
	if err == nil && !mayReturn(c, q.Get("redirect_uri")) {
		err = fault.New(fault.Unknown, "the address is not the client's")
	}
	if err != nil {
		i.stray(w, r, err)
		return
	}
	if why, wrong := i.mayAsk(c, q).(refused); wrong {
		i.back(w, r, q.Get("redirect_uri"), url.Values{"error": {why.code}, "error_description": {why.text}, "state": {q.Get("state")}})
		return
	}
	i.ask(w, r, c, q)
}

// stray answers a browser that has come with the wrong client or address.
func (i *Issuer) stray(w http.ResponseWriter, r *http.Request, err error) {
	if !fault.Is(err, fault.Unknown) {
		i.broken(w, r, err)
		return
	}
	i.oops(w, r, http.StatusBadRequest, "The app that sent you here is not registered, or not with the address to which it wants you to return.")
}

// ask keeps the question and goes on to the page. The browser that asked alone may answer.
func (i *Issuer) ask(w http.ResponseWriter, r *http.Request, c accounts.Client, q url.Values) {
	asked := accounts.Asked{
		Redirect: q.Get("redirect_uri"), State: q.Get("state"), Nonce: q.Get("nonce"), Challenge: q.Get("code_challenge"),
		Browser: standFor(i.device(w, r)), Since: since(q, i.o.Now()),
	}
	if q.Get("prompt") == "none" { // there is always something to ask the user
		i.back(w, r, asked.Redirect, url.Values{"error": {i.lacking(r, c, asked)}, "state": {asked.State}})
		return
	}
	g, err := i.book.Ask(r.Context(), c, asked, unique(strings.Fields(q.Get("scope"))))
	if err != nil {
		i.broken(w, r, err)
		return
	}
	http.Redirect(w, r, consentPath+"?"+url.Values{"grant": {place(g)}}.Encode(), http.StatusSeeOther)
}

// lacking is what cannot be had without a page (OpenID Connect Core section 3.1.2.6).
func (i *Issuer) lacking(r *http.Request, c accounts.Client, asked accounts.Asked) string {
	if _, err := i.visitor(r, c.Tenant, asked.Since); err != nil {
		return "login_required"
	}
	return "consent_required"
}

// since is from when on the user must have signed in, in seconds since 1970: prompt and max_age of OpenID Connect Core
// section 3.1.2.1.
func since(q url.Values, now time.Time) int64 {
	prompts := strings.Fields(q.Get("prompt"))
	if slices.Contains(prompts, "login") || slices.Contains(prompts, "select_account") {
		return now.Unix()
	}
	if age, err := strconv.ParseInt(q.Get("max_age"), 10, 32); err == nil && age >= 0 {
		return now.Unix() - age
	}
	return 0
}

// mayAsk checks a question whose client and address are right. nil: nothing speaks against it.
func (i *Issuer) mayAsk(c accounts.Client, q url.Values) error {
	switch {
	case !c.May(accounts.GrantCode):
		return no("unauthorized_client", "the client is not registered for codes")
	case q.Has("request"):
		return no("request_not_supported", "")
	case q.Has("request_uri"):
		return no("request_uri_not_supported", "")
	case q.Get("response_type") != "code":
		return no("unsupported_response_type", "the response_type is code")
	case q.Get("response_mode") != "" && q.Get("response_mode") != "query":
		return no("invalid_request", "the response_mode is query")
	case q.Get("code_challenge_method") != "S256" || len(q.Get("code_challenge")) != 43:
		return no("invalid_request", "PKCE is needed, by S256 (RFC 7636)")
	case !i.ours(q):
		return notOurs()
	}
	asked, err := within(c, strings.Fields(q.Get("scope")))
	if err == nil && asked.System() {
		err = no("invalid_scope", "no user can give scopes that begin with system/")
	}
	return err
}

// authorizePost takes a question that was sent as a form (OpenID Connect Core section 3.1.2.1). The cookies of the browser come
// along with the next request only.
func (i *Issuer) authorizePost(w http.ResponseWriter, r *http.Request) {
	f, err := form(r)
	if err != nil {
		i.oops(w, r, http.StatusBadRequest, "The app that sent you here asked in a way that cannot be read.")
		return
	}
	http.Redirect(w, r, "/oauth/authorize?"+f.Encode(), http.StatusSeeOther)
}

func unique(words []string) (out []string) {
	for _, w := range words {
		if !slices.Contains(out, w) {
			out = append(out, w)
		}
	}
	return out
}
