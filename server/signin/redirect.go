package signin

import (
	"net"
	"net/http"
	"net/url"
	"slices"

	"github.com/ficushealth/ficus/care/accounts"
)

// mayReturn compares redirect URIs letter by letter (OAuth 2.1 section 2.3.1); of a native app's loopback address the port may
// differ (RFC 8252 section 7.3).
func mayReturn(c accounts.Client, address string) bool {
	if slices.Contains(c.Redirects, address) {
		return true
	}
	free, isLoopback := withoutPort(address)
	if c.Method != accounts.MethodNone || !isLoopback {
		return false
	}
	return slices.ContainsFunc(c.Redirects, func(known string) bool {
		k, isLoopback := withoutPort(known)
		return isLoopback && k == free
	})
}

// withoutPort is an address of this machine, written by its number, without the port.
func withoutPort(address string) (string, bool) {
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "http" || u.User != nil || u.Fragment != "" || u.String() != address {
		return "", false
	}
	ip := net.ParseIP(u.Hostname())
	u.Host = u.Hostname()
	return u.String(), ip != nil && ip.IsLoopback()
}

// answered is the address of a client with our answer, which always says who we are (RFC 9207).
func (i *Issuer) answered(redirect string, answer url.Values) string {
	u, err := url.Parse(redirect)
	if err != nil {
		return ""
	}
	answer.Set("iss", i.url)
	if answer.Get("state") == "" {
		answer.Del("state")
	}
	if u.RawQuery != "" {
		u.RawQuery += "&"
	}
	u.RawQuery += answer.Encode()
	return u.String()
}

// back sends a browser that has come from a client back there.
func (i *Issuer) back(w http.ResponseWriter, r *http.Request, redirect string, answer url.Values) {
	http.Redirect(w, r, i.answered(redirect, answer), http.StatusFound)
}
