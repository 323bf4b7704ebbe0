package app

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/ficushealth/ficus/care/accounts"
	"github.com/ficushealth/ficus/engine/access"
	"github.com/ficushealth/ficus/engine/db/dbtest"
	"github.com/ficushealth/ficus/server/edge"
	"github.com/ficushealth/ficus/suites/chromium"
)

// answered is what a request hears.
type answered struct {
	status int
	header http.Header
	body   string
}

func askedFor(t *testing.T, method, address string, header ...string) answered {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, address, nil)
	if err != nil {
		t.Fatal(err)
	}
	for n := 0; n+1 < len(header); n += 2 {
		r.Header.Set(header[n], header[n+1])
	}
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close() //nolint:errcheck // a test's
	text, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answered{res.StatusCode, res.Header, string(text)}
}

// TestLimitsAreSaidInTheFormOfTheRoute, from one address by one service, and the open documents stay open.
func TestLimitsAreSaidInTheFormOfTheRoute(t *testing.T) {
	few := edge.Rate{Every: time.Hour, Burst: 2}
	a, address := servedWithSignIn(t, dbtest.SQLiteURL(t), Config{Limits: Limits{Client: few, Token: few, Address: edge.Rate{Every: time.Hour, Burst: 4}}}) // a client that is not known counts for its address too
	_, text, err := a.Accounts.Issue(t.Context(), access.Inside(accounts.First, "test"), accounts.Order{Name: "service", Scopes: "system/*.rs"})
	if err != nil {
		t.Fatal(err)
	}
	token, wrong := []string{"Authorization", "Bearer " + text}, []string{"Authorization", "Bearer ficus_x"}
	for range 2 {
		if h := askedFor(t, "GET", address+"/fhir/Patient", token...); h.status != http.StatusOK {
			t.Fatal(h)
		}
		if h := askedFor(t, "GET", address+"/fhir/Patient", wrong...); h.status != http.StatusUnauthorized {
			t.Fatal(h)
		}
		askedFor(t, "POST", address+"/oauth/token")
	}
	for name, x := range map[string]struct {
		h           answered
		media, says string
	}{
		"FHIR":                {askedFor(t, "GET", address+"/fhir/Patient", token...), "application/fhir+json", `"code":"throttled"`},
		"FHIR, XML":           {askedFor(t, "GET", address+"/fhir/Patient?_format=xml", token...), "application/fhir+xml", `<code value="throttled"`},
		"the domain":          {askedFor(t, "GET", address+"/api/v1/audit", token...), "application/problem+json", `"status":429`},
		"FHIR, of nobody":     {askedFor(t, "GET", address+"/fhir/Patient", wrong...), "application/fhir+json", `"code":"throttled"`},
		"FHIR, without token": {askedFor(t, "GET", address+"/fhir/Patient"), "application/fhir+json", `"code":"throttled"`},
		"OAuth":               {askedFor(t, "POST", address+"/oauth/token"), "application/json", `"error":"slow_down"`},
	} {
		if x.h.status != http.StatusTooManyRequests || x.h.header.Get("Retry-After") == "" || !strings.HasPrefix(x.h.header.Get("Content-Type"), x.media) || !strings.Contains(x.h.body, x.says) {
			t.Errorf("%s: %v", name, x.h)
		}
	}
	for _, path := range []string{"/fhir/metadata", "/healthz", "/readyz", "/oauth/jwks", "/.well-known/openid-configuration", "/signin"} {
		if h := askedFor(t, "GET", address+path); h.status != http.StatusOK {
			t.Errorf("%s: %v", path, h)
		}
	}
}

// TestServicesAreNotLimitedUnlessSomebodySaysSo: loads and measurements come from one address, with one token, as fast as they can.
func TestServicesAreNotLimitedUnlessSomebodySaysSo(t *testing.T) {
	c := defaults()
	if c.Limits.Client != (edge.Rate{}) || c.Limits.User.Burst < 1000 || c.Limits.Address.Burst < 500 {
		t.Errorf("%+v", c.Limits)
	}
	if (Config{}.WithDefaults().Limits) != (Limits{}) {
		t.Error("what app makes itself, such as the demo, is not limited")
	}
	l := c.limits(time.Now)
	for range 100_000 {
		if err := l.Take(edge.Client, "1/client/1.bench"); err != nil {
			t.Fatal(err)
		}
	}
}

// TestEveryAnswerSaysWhatBrowsersMayDo, on each interface.
func TestEveryAnswerSaysWhatBrowsersMayDo(t *testing.T) {
	_, address := servedWithSignIn(t, dbtest.SQLiteURL(t), Config{})
	for _, path := range []string{"/fhir/metadata", "/fhir/Patient", "/api/v1/audit", "/healthz", "/metrics", "/oauth/jwks", "/oauth/userinfo", "/signin", "/signin/sessions", "/nothing"} {
		h := askedFor(t, "GET", address+path).header
		if csp := h.Get("Content-Security-Policy"); !strings.HasPrefix(csp, "default-src 'none'") || !strings.Contains(csp, "frame-ancestors 'none'") || h.Get("X-Content-Type-Options") != "nosniff" || h.Get("Referrer-Policy") != "no-referrer" || h.Get("X-Frame-Options") != "DENY" {
			t.Errorf("%s: %v", path, h)
		}
		if kept := h.Get("Cache-Control"); (kept != "no-store") != (path == "/oauth/jwks") {
			t.Errorf("%s: may be kept: %q", path, kept)
		}
		if h.Get("Strict-Transport-Security") != "" {
			t.Errorf("%s: there is no HTTPS here", path)
		}
	}
}

// TestPagesOfKnownOriginsMayAsk FHIR and for tokens, but no page of ours, and the capability statement says so.
func TestPagesOfKnownOriginsMayAsk(t *testing.T) {
	const page = "https://app.example.org"
	_, address := servedWithSignIn(t, dbtest.SQLiteURL(t), Config{CORS: []edge.Origin{page}})
	_, closed := servedWithSignIn(t, dbtest.SQLiteURL(t), Config{})
	for path, x := range map[string]struct{ known, closed string }{
		"/fhir/metadata": {page, ""}, "/fhir/Patient/1": {page, ""}, "/api/v1/audit": {page, ""}, "/oauth/userinfo": {page, ""},
		"/oauth/jwks": {"*", "*"}, "/.well-known/openid-configuration": {"*", "*"}, "/.well-known/oauth-authorization-server": {"*", "*"}, "/fhir/.well-known/smart-configuration": {"*", "*"},
		"/signin": {"", ""}, "/signin/sessions": {"", ""}, "/oauth/authorize": {"", ""}, "/oauth/end-session": {"", ""}, "/metrics": {"", ""},
	} {
		for at, want := range map[string]string{address: x.known, closed: x.closed} {
			if got := askedFor(t, "GET", at+path, "Origin", page).header.Get("Access-Control-Allow-Origin"); got != want {
				t.Errorf("%s: %q, want %q", path, got, want)
			}
		}
	}
	before := askedFor(t, "OPTIONS", address+"/oauth/token", "Origin", page, "Access-Control-Request-Method", "POST", "Access-Control-Request-Headers", "authorization")
	if before.status != http.StatusNoContent || !strings.Contains(before.header.Get("Access-Control-Allow-Headers"), "Authorization") {
		t.Error(before)
	}
	for at, want := range map[string]bool{address: true, closed: false} {
		var state struct {
			Rest []struct{ Security struct{ CORS *bool } }
		}
		if err := json.Unmarshal([]byte(askedFor(t, "GET", at+"/fhir/metadata").body), &state); err != nil {
			t.Fatal(err)
		}
		if cors := state.Rest[0].Security.CORS; cors == nil || *cors != want {
			t.Errorf("the statement says %v", cors)
		}
	}
}

// TestAProxyIsBelieved from where somebody signs in.
func TestAProxyIsBelieved(t *testing.T) {
	var local edge.Network
	if err := local.UnmarshalText([]byte("127.0.0.1")); err != nil {
		t.Fatal(err)
	}
	few := edge.Rate{Every: time.Hour, Burst: 1}
	_, address := servedWithSignIn(t, dbtest.SQLiteURL(t), Config{Proxies: []edge.Network{local}, Limits: Limits{Address: few}})
	for n, x := range []struct {
		from string
		want int
	}{{"192.0.2.1", 401}, {"192.0.2.1", 429}, {"192.0.2.2", 401}, {"127.0.0.1, 192.0.2.2", 429}} {
		if h := askedFor(t, "GET", address+"/fhir/Patient", "X-Forwarded-For", x.from); h.status != x.want {
			t.Errorf("%d: %v, want %d", n, h, x.want)
		}
	}
}

// TestABrowserLetsPagesOfKnownOriginsRead, with a token and so with a question before (preflight), and those of others not.
func TestABrowserLetsPagesOfKnownOriginsRead(t *testing.T) {
	page := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		io.WriteString(w, "<title>a page</title>") //nolint:errcheck // a test's
	}))
	t.Cleanup(page.Close)
	a, address := servedWithSignIn(t, dbtest.SQLiteURL(t), Config{CORS: []edge.Origin{edge.Origin(page.URL)}})
	_, text, err := a.Accounts.Issue(t.Context(), access.Inside(accounts.First, "test"), accounts.Order{Name: "page", Scopes: "system/*.rs"})
	if err != nil {
		t.Fatal(err)
	}
	tab := chromium.Open(t)
	read := func(from, path string) string {
		tab.Go(from)
		tab.Run("fetch('" + address + path + "', {headers: {Authorization: 'Bearer " + text + "'}}).then(r => document.title = 'read ' + r.status, () => document.title = 'refused')")
		tab.Wait("document.title != 'a page'")
		return tab.Run("document.title")
	}
	other := strings.Replace(page.URL, "127.0.0.1", "localhost", 1)
	for _, x := range [][3]string{{page.URL, "/fhir/Patient", "read 200"}, {page.URL, "/fhir/Patient/nobody", "read 404"}, {other, "/fhir/Patient", "refused"}, {page.URL, "/signin/sessions", "refused"}, {other, "/oauth/jwks", "read 200"}} {
		if got := read(x[0], x[1]); got != x[2] {
			t.Errorf("%s from %s: %s, want %s", x[1], x[0], got, x[2])
		}
	}
}
