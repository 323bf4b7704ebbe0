package app

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"html"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/ficushealth/ficus/care/accounts"
	"github.com/ficushealth/ficus/engine/access"
	"github.com/ficushealth/ficus/engine/db/dbtest"
)

// openly are the routes of the sign-in that tell all the same to everybody, and take nothing that could be another tenant's.
var openly = []string{
	"GET /.well-known/openid-configuration", "GET /.well-known/oauth-authorization-server", "GET /fhir/.well-known/smart-configuration", "GET /oauth/jwks",
	"GET /signin", "GET /signin/password", "GET /signin/device", "GET /oauth/end-session", "POST /oauth/authorize", "POST /signin/device", "POST /oauth/end-session",
}

// foreigners say how a route of the sign-in is asked, by a client or user of the first tenant, for what the other one has.
var foreigners = map[string]func(s *strangers, theirs hold) (int, string){
	"POST /oauth/token": func(s *strangers, h hold) (int, string) {
		return s.post("/oauth/token", s.client, "grant_type", "authorization_code", "code", h.code, "redirect_uri", back, "code_verifier", codeVerifier)
	},
	"POST /oauth/introspect": func(s *strangers, h hold) (int, string) {
		return s.post("/oauth/introspect", s.client, "token", h.access)
	},
	"POST /oauth/revoke": func(s *strangers, h hold) (int, string) { return s.post("/oauth/revoke", s.client, "token", h.access) },
	"POST /oauth/device": func(s *strangers, h hold) (int, string) {
		return s.post("/oauth/device", s.client, "client_id", h.client, "scope", "openid")
	},
	"POST /oauth/register": func(s *strangers, h hold) (int, string) { return s.post("/oauth/register", "Bearer "+h.access) },
	"GET /oauth/userinfo":  func(s *strangers, h hold) (int, string) { return s.get("/oauth/userinfo", "Bearer "+h.refresh) },
	"POST /oauth/userinfo": func(s *strangers, h hold) (int, string) { return s.post("/oauth/userinfo", "Bearer "+h.refresh) },
	"GET /oauth/authorize": func(s *strangers, h hold) (int, string) {
		return s.get("/oauth/authorize?client_id="+s.id+"&redirect_uri="+url.QueryEscape("https://"+h.client+".example/"), "")
	},
	"POST /signin": func(s *strangers, h hold) (int, string) {
		return s.send("/signin", "login", h.login, "password", theirPassword)
	},
	"POST /signin/factor": func(s *strangers, h hold) (int, string) {
		return s.send("/signin/factor", "ticket", h.grant, "code", "1")
	},
	"POST /signin/password": func(s *strangers, h hold) (int, string) {
		return s.send("/signin/password?grant="+h.grant, "old", "x", "fresh", "y", "again", "y")
	},
	"GET /signin/consent": func(s *strangers, h hold) (int, string) { return s.get("/signin/consent?grant="+h.grant, "") },
	"POST /signin/consent": func(s *strangers, h hold) (int, string) {
		return s.send("/signin/consent?grant="+h.grant, "answer", "yes")
	},
	"GET /signin/factors": func(s *strangers, h hold) (int, string) { return s.get("/signin/factors?grant="+h.grant, "") },
	"POST /signin/factors": func(s *strangers, h hold) (int, string) {
		return s.send("/signin/factors", "do", "remove", "factor", h.session)
	},
	"GET /signin/sessions": func(s *strangers, h hold) (int, string) { return s.get("/signin/sessions?grant="+h.grant, "") },
	"POST /signin/sessions": func(s *strangers, h hold) (int, string) {
		return s.send("/signin/sessions", "session", h.session, "app", strings.TrimPrefix(h.grant, "2."))
	},
}

// hold is what somebody has in a tenant.
type hold struct{ client, login, code, access, refresh, grant, session string }

// strangers are a client and a user of the first tenant, with a browser.
type strangers struct {
	t          *testing.T
	url        string
	web        *http.Client
	id, client string // of the client: id and Authorization
	back       string // where the client wants browsers to return
	scope      string // what it asks for
}

const (
	back          = "http://127.0.0.1:9/cb"
	codeVerifier  = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
	theirPassword = "correct horse battery"
)

// TestSignInIsAWallToo asks every route of the sign-in for what another tenant has. The answer must be that for what nobody has, and
// what is there must stay good.
func TestSignInIsAWallToo(t *testing.T) {
	dbtest.BothURLs(t, func(t *testing.T, at string) {
		a, address := servedWithSignIn(t, at, Config{})
		north, err := a.Accounts.AddTenant(t.Context(), everything(), "North")
		if err != nil {
			t.Fatal(err)
		}
		s, they := newStrangers(t, a, address, accounts.First, "ada"), newStrangers(t, a, address, north.ID, "cyd")
		nobody := hold{"2.nobodys", "nobody", "fcode_2.x", "e30.e30.e30", "frefresh_2.x", "2.nothing", "no session"}
		_, issuer := a.signIn(nil, nil)
		for _, r := range issuer.Routes() {
			route := r.Method + " " + r.Path
			if slices.Contains(openly, route) {
				continue
			}
			t.Run(route, func(t *testing.T) {
				s.t, they.t = t, t
				ask := foreigners[route]
				if ask == nil {
					t.Fatal("there is no row for this route: say how it is asked for what another tenant has, or that it takes nothing of anybody's")
				}
				theirs := they.hold(a, north.ID, "cyd")
				code, body := ask(s, theirs)
				ghost, text := ask(s, nobody)
				if code != ghost || blind(body, theirs) != blind(text, nobody) {
					t.Errorf("what is there is told from what is not:\n%d %s\n%d %s", code, body, ghost, text)
				}
				if code, body := they.get("/oauth/userinfo", "Bearer "+theirs.access); code != http.StatusOK {
					t.Errorf("it was ended: %d %s", code, body)
				}
				if code, body := they.post("/oauth/token", they.client, "grant_type", "authorization_code", "code", theirs.code, "redirect_uri", back, "code_verifier", codeVerifier); code != http.StatusOK {
					t.Errorf("the tenant itself is not answered: %d %s", code, body)
				}
			})
		}
	})
}

// TestWhatAnAppGetsOpensWhatTheUserMayDo at the FHIR interface, in his tenant, and no metrics.
func TestWhatAnAppGetsOpensWhatTheUserMayDo(t *testing.T) {
	dbtest.BothURLs(t, func(t *testing.T, at string) {
		a, address := servedWithSignIn(t, at, Config{})
		s := newStrangers(t, a, address, accounts.First, "ada")
		app, service := "Bearer "+s.hold(a, accounts.First, "ada").access, "Bearer "+token(t, a, "system/*.cruds")
		for _, x := range []struct {
			path, token string
			want        int
		}{
			{"/fhir/Patient", app, http.StatusOK}, {"/fhir/Patient/none", app, http.StatusNotFound}, {"/fhir/Observation", app, http.StatusForbidden}, {"/fhir/Observation", service, http.StatusOK},
			{"/fhir/Patient", "", http.StatusUnauthorized}, {"/fhir/Patient", app + "x", http.StatusUnauthorized}, {"/metrics", app, http.StatusForbidden}, {"/metrics", service, http.StatusOK},
		} {
			if code, body := s.get(x.path, x.token); code != x.want {
				t.Errorf("%s: %d, want %d: %s", x.path, code, x.want, body)
			}
		}
		if code, body := s.post("/fhir/Patient", app); code != http.StatusUnsupportedMediaType && code != http.StatusForbidden {
			t.Error("a write:", code, body)
		}
	})
}

// blind takes out of an answer what it was asked, and what is new each time.
func blind(body string, h hold) string {
	for _, word := range []string{h.client, h.login, h.grant, h.session} {
		body = strings.ReplaceAll(body, word, "@")
	}
	return regexp.MustCompile(`name="token" value="[^"]*"`).ReplaceAllString(body, "")
}

// servedWithSignIn is a program that knows its own address.
func servedWithSignIn(t *testing.T, at string, c Config) (*App, string) {
	t.Helper()
	var h http.Handler
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { h.ServeHTTP(w, r) }))
	t.Cleanup(server.Close)
	c.DB, c.BaseURL, c.RegisterClients = at, server.URL+"/fhir", true
	a := opened(t, c)
	var err error
	if h, err = a.Handler(); err != nil {
		t.Fatal(err)
	}
	return a, server.URL
}

func newStrangers(t *testing.T, a *App, address string, tenant int32, login string) *strangers {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	s := &strangers{t: t, url: address, back: back, scope: "openid offline_access user/Patient.rs", web: &http.Client{Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
	c, secret, err := a.Accounts.Register(t.Context(), access.Inside(tenant, "test"), accounts.Client{Name: "app", Method: accounts.MethodBasic, Redirects: []string{back},
		Grants: []string{accounts.GrantCode, accounts.GrantRefresh}, Scopes: []string{"openid", "offline_access", "user/Patient.rs"}})
	if err != nil {
		t.Fatal(err)
	}
	s.id, s.client = c.ID, "Basic "+base64.StdEncoding.EncodeToString([]byte(c.ID+":"+secret))
	makeUser(t, a, tenant, login)
	if code, body := s.send("/signin?tenant="+number(tenant), "login", login, "password", theirPassword); code != http.StatusSeeOther {
		t.Fatal(code, body)
	}
	return s
}

func number(n int32) string { return string(rune('0' + n)) }

// makeUser makes somebody who may read everything, and more.
func makeUser(t *testing.T, a *App, tenant int32, login string, more ...access.Permission) {
	t.Helper()
	by := access.Inside(tenant, "test")
	u, err := a.Accounts.AddUser(t.Context(), by, accounts.NewUser{Login: login})
	if err != nil {
		t.Fatal(err)
	}
	once, err := a.Accounts.ResetPassword(t.Context(), by, u.ID)
	if err != nil {
		t.Fatal(err)
	}
	p := session(t, a, tenant, login, once)
	if err := a.Accounts.ChangePassword(t.Context(), p, once, theirPassword); err != nil {
		t.Fatal(err)
	}
	if err := a.Accounts.AddRole(t.Context(), by, "of "+login); err != nil {
		t.Fatal(err)
	}
	for _, p := range append(more, access.Permission{Resource: "*", Action: access.Reading, Reach: access.All}) {
		if err := a.Accounts.Permit(t.Context(), by, "of "+login, p); err != nil {
			t.Fatal(err)
		}
	}
	if err := a.Accounts.Give(t.Context(), by, "of "+login, u.ID); err != nil {
		t.Fatal(err)
	}
}

func session(t *testing.T, a *App, tenant int32, login, password string) access.Principal {
	t.Helper()
	s, err := a.Accounts.SignIn(t.Context(), tenant, accounts.Try{Login: login, Password: password, Device: "test"})
	if err != nil {
		t.Fatal(err)
	}
	p, _, err := a.Accounts.Session(t.Context(), s.Text)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// hold makes what can be asked for: a code that is not used yet, tokens, a request that waits, and a session.
func (s *strangers) hold(a *App, tenant int32, login string) hold {
	s.t.Helper()
	p := session(s.t, a, tenant, login, theirPassword)
	h := hold{client: s.id, login: login, session: p.Grant, code: s.code()}
	_, body := s.post("/oauth/token", s.client, "grant_type", "authorization_code", "code", s.code(), "redirect_uri", back, "code_verifier", codeVerifier)
	h.access, h.refresh = word(body, "access_token"), word(body, "refresh_token")
	place, _ := s.ask()
	h.grant = place
	if h.access == "" || h.refresh == "" || place == "" {
		s.t.Fatal(body, place)
	}
	return h
}

func word(body, name string) string {
	m := regexp.MustCompile(`"` + name + `":"([^"]+)"`).FindStringSubmatch(body)
	if m == nil {
		return ""
	}
	return m[1]
}

// ask begins as an app does. It gives the request and the page.
func (s *strangers) ask() (grant, page string) {
	s.t.Helper()
	sum := sha256.Sum256([]byte(codeVerifier))
	q := url.Values{"response_type": {"code"}, "client_id": {s.id}, "redirect_uri": {s.back}, "scope": {s.scope}, "code_challenge_method": {"S256"},
		"code_challenge": {base64.RawURLEncoding.EncodeToString(sum[:])}}
	_, at := s.get("/oauth/authorize?"+q.Encode(), "")
	u, err := url.Parse(strings.TrimSpace(at))
	if err != nil || u.Query().Get("grant") == "" {
		s.t.Fatal(at, err)
	}
	return u.Query().Get("grant"), u.String()
}

// code is what the app gets when the user agrees.
func (s *strangers) code() string {
	s.t.Helper()
	_, page := s.ask()
	fields := []string{"answer", "yes"}
	for _, word := range strings.Fields(s.scope) {
		fields = append(fields, "scope", word)
	}
	_, body := s.send(page, fields...)
	m := regexp.MustCompile(`[?&]code=([^&"]+)`).FindStringSubmatch(html.UnescapeString(body))
	if m == nil {
		s.t.Fatal(body)
	}
	return m[1]
}

// send sends a form as this browser would that was shown it: with what it keeps.
func (s *strangers) send(to string, fields ...string) (int, string) {
	s.t.Helper()
	if code, text := s.get("/signin", ""); code != http.StatusOK {
		s.t.Fatal(text)
	}
	at, err := url.Parse(s.url + to)
	if err != nil {
		s.t.Fatal(err)
	}
	kept := map[string]string{}
	for _, c := range s.web.Jar.Cookies(at) {
		kept[c.Name] = c.Value
	}
	mac := hmac.New(sha256.New, []byte(kept["ficus-device"]))
	mac.Write([]byte(kept["ficus"] + "\n" + at.Path)) //nolint:errcheck // never fails
	return s.post(to, "", append(fields, "token", base64.RawURLEncoding.EncodeToString(mac.Sum(nil)))...)
}

func (s *strangers) get(path, authorization string) (int, string) {
	return s.do(http.MethodGet, path, authorization, nil)
}

func (s *strangers) post(path, authorization string, fields ...string) (int, string) {
	f := url.Values{}
	for n := 0; n+1 < len(fields); n += 2 {
		f.Add(fields[n], fields[n+1])
	}
	return s.do(http.MethodPost, path, authorization, strings.NewReader(f.Encode()))
}

// do sends a request. What a redirect leads to stands for the body.
func (s *strangers) do(method, path, authorization string, body io.Reader) (int, string) {
	s.t.Helper()
	r, err := http.NewRequest(method, s.url+path, body)
	if err != nil {
		s.t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	if authorization != "" {
		r.Header.Set("Authorization", authorization)
	}
	res, err := s.web.Do(r)
	if err != nil {
		s.t.Fatal(err)
	}
	defer res.Body.Close() //nolint:errcheck // a test's
	text, err := io.ReadAll(res.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	if to := res.Header.Get("Location"); to != "" {
		return res.StatusCode, to
	}
	return res.StatusCode, string(text)
}
