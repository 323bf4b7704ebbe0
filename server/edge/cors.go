package edge

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/ficushealth/ficus/fault"
)

// Origins says which pages of others may read answers in a browser (https://fetch.spec.whatwg.org/#http-cors-protocol). Cookies never
// come along: who asks from elsewhere shows a token.
type Origins struct {
	Known  []Origin // whose pages may ask for what lies below Paths
	Paths  []string // such as /fhir
	Public []string // whole paths that the pages of everybody may read
}

// Origin is where a page comes from, as browsers say it: https://app.example.org
type Origin string

// UnmarshalText reads it. Fault: Invalid, also for * and null.
func (o *Origin) UnmarshalText(text []byte) error {
	u, err := url.Parse(string(text))
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || u.Scheme+"://"+u.Host != string(text) || strings.ToLower(u.Host) != u.Host {
		return fault.New(fault.Invalid, "%q is no origin: write https://app.example.org, in small letters and without a path", text)
	}
	*o = Origin(text)
	return nil
}

// let says what a page may read, and answers a browser that asks before it asks (preflight). true: it was answered.
func (o Origins) let(w http.ResponseWriter, r *http.Request) bool {
	origin := r.Header.Get("Origin")
	public := slices.Contains(o.Public, r.URL.Path)
	if !public && !o.covers(r.URL.Path) {
		return false
	}
	h := w.Header()
	if !public {
		h.Add("Vary", "Origin")
	}
	switch {
	case origin == "":
		return false
	case public:
		h.Set("Access-Control-Allow-Origin", "*")
	case slices.Contains(o.Known, Origin(origin)):
		h.Set("Access-Control-Allow-Origin", origin)
	default:
		return false
	}
	h.Set("Access-Control-Expose-Headers", "ETag, Location, Content-Location, Last-Modified, Retry-After, WWW-Authenticate, X-Request-Id")
	if r.Method != http.MethodOptions || r.Header.Get("Access-Control-Request-Method") == "" {
		return false
	}
	h.Set("Access-Control-Allow-Methods", "GET, HEAD, POST, PUT, PATCH, DELETE")
	h.Set("Access-Control-Allow-Headers", "Accept, Authorization, Content-Type, If-Match, If-Modified-Since, If-None-Exist, If-None-Match, Prefer, X-Request-Id")
	h.Set("Access-Control-Max-Age", "600")
	w.WriteHeader(http.StatusNoContent)
	return true
}

// covers tells whether a path lies below one of those that known origins may ask for. Without known origins nothing does.
func (o Origins) covers(path string) bool {
	return len(o.Known) > 0 && slices.ContainsFunc(o.Paths, func(root string) bool { return path == root || strings.HasPrefix(path, root+"/") })
}
