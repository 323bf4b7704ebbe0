package signin

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"html"
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	jose "github.com/go-jose/go-jose/v4"

	"github.com/ficushealth/ficus/care/accounts"
	"github.com/ficushealth/ficus/engine/access"
	"github.com/ficushealth/ficus/engine/audit"
	"github.com/ficushealth/ficus/engine/db"
	"github.com/ficushealth/ficus/engine/db/dbtest"
	"github.com/ficushealth/ficus/engine/vault"
	"github.com/ficushealth/ficus/fault"
	"github.com/ficushealth/ficus/server/edge"
	"github.com/ficushealth/ficus/server/page"
)

const (
	password = "correct horse battery"
	appBack  = "http://127.0.0.1:9/cb"
	webBack  = "https://web.example/cb"
	verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk-0123456789"
	all      = "openid profile offline_access user/Patient.rs user/Observation.cruds"
)

// world is a server over one database: two tenants, users and clients, and a clock that the story sets.
type world struct {
	*accounts.Accounts
	t      testing.TB
	d      *db.DB
	v      *vault.Vault
	i      *Issuer
	gate   *Gate
	url    string
	rsa    *rsa.PrivateKey
	ec     *ecdsa.PrivateKey
	c      map[string]accounts.Client
	secret map[string]string
	ahead  atomic.Int64 // of the real time
	logged *bytes.Buffer

	mu      sync.Mutex
	refused []Refusal
	keys    func(address string) ([]byte, error) // of clients, by address
}

func (w *world) now() time.Time { return time.Now().Add(time.Duration(w.ahead.Load())) }

// later lets time pass.
func (w *world) later(d time.Duration) { w.ahead.Add(int64(d)) }

func both(t *testing.T, story func(t *testing.T, w *world)) {
	t.Helper()
	dbtest.Both(t, func(t *testing.T, d *db.DB) { story(t, newWorld(t, d)) })
}

func newWorld(t testing.TB, d *db.DB) *world {
	t.Helper()
	w := &world{t: t, d: d, c: map[string]accounts.Client{}, secret: map[string]string{}, logged: &bytes.Buffer{}}
	for _, err := range []error{vault.Migrate(t.Context(), d), audit.Migrate(t.Context(), d), db.Migrate(t.Context(), d, "accounts", accounts.Module().Schema)} {
		must(t, err)
	}
	v, err := vault.Open(t.Context(), d, vault.Options{Key: base64.StdEncoding.EncodeToString(make([]byte, 32)), Now: w.now})
	must(t, err)
	w.v = v
	log := audit.NewLog(d, func(int32) ([32]byte, error) { return [32]byte{1}, nil }, audit.Options{})
	t.Cleanup(log.Close)
	w.Accounts = accounts.New(d, log, accounts.Options{Now: w.now, Vault: v, Cost: accounts.Cost{Memory: 64, Passes: 1, Lanes: 1}})
	w.serve(t, IssuerOptions{Register: true})
	w.populate(t)
	return w
}

// serve starts a server and the gate before it.
func (w *world) serve(t testing.TB, o IssuerOptions) {
	t.Helper()
	w.serveBy(t, httptest.NewServer, o)
}

func (w *world) serveBy(t testing.TB, begin func(http.Handler) *httptest.Server, o IssuerOptions) {
	t.Helper()
	var h http.Handler
	server := begin(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) { h.ServeHTTP(rw, r) }))
	t.Cleanup(server.Close)
	w.url = server.URL
	pages, err := page.New()
	must(t, err)
	o.Base, o.Now, o.Audit, o.Log, o.Pages = w.url+"/fhir", w.now, w.tell, slog.New(slog.NewTextHandler(w.logged, nil)), pages
	o.Fetch = func(_ context.Context, address string) ([]byte, error) { return w.keys(address) }
	i, err := NewIssuer(w.Accounts, w.v, o)
	must(t, err)
	w.i, w.gate = i, New(w.Accounts, Options{Now: w.now, Signed: i, Audit: w.tell})
	mux := http.NewServeMux()
	mux.Handle("/", i)
	mux.Handle("GET "+pages.Path(), pages)
	mux.HandleFunc("GET /fhir/Patient/p1", w.patient)
	h, err = edge.Wrap(edge.Options{Handler: mux, Log: slog.New(slog.DiscardHandler), Now: w.now})
	must(t, err)
}

// patient stands for the FHIR interface.
func (w *world) patient(rw http.ResponseWriter, r *http.Request) {
	if p, err := w.gate.Principal(r); err != nil || p.Check(access.Read, "Patient") != nil {
		rw.WriteHeader(http.StatusUnauthorized)
		return
	}
	rw.Header().Set("Content-Type", "application/fhir+json")
	io.WriteString(rw, `{"resourceType":"Patient","id":"p1"}`) //nolint:errcheck // a test's
}

func (w *world) tell(_ context.Context, r Refusal) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.refused = append(w.refused, r)
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func inside(tenant int32) access.Principal { return access.Inside(tenant, "test") }

// populate makes ada, who may do everything, bob, who may read patients, cyd of the other tenant, and the clients.
func (w *world) populate(t testing.TB) {
	t.Helper()
	must(t, w.EnsureTenant(t.Context(), inside(1), "General"))
	_, err := w.AddTenant(t.Context(), inside(1), "North")
	must(t, err)
	every := []access.Permission{{Resource: "*", Action: access.Reading, Reach: access.All}, {Resource: "*", Action: access.Writing, Reach: access.All}, {Resource: "*", Action: access.Deleting, Reach: access.All}}
	w.user(t, 1, "ada", every...)
	w.user(t, 1, "bob", access.Permission{Resource: "Patient", Action: access.Reading, Reach: access.All})
	w.user(t, 2, "cyd", every...)
	w.rsa = theRSA()
	w.ec, err = ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	must(t, err)
	w.keys = func(string) ([]byte, error) { return w.public(t), nil }
	code := []string{accounts.GrantCode, accounts.GrantRefresh}
	scopes := strings.Fields(all + " user/*.cruds online_access fhirUser launch/patient patient/*.rs")
	w.client(t, "app", 1, accounts.Client{Method: accounts.MethodNone, Redirects: []string{appBack, "com.example.app:/cb"}, Grants: append(code, accounts.GrantDevice), Scopes: scopes})
	w.client(t, "web", 1, accounts.Client{Method: accounts.MethodBasic, Redirects: []string{webBack}, Grants: append(code, accounts.GrantClient), Scopes: append(scopes, "system/Patient.rs")})
	w.client(t, "post", 1, accounts.Client{Method: accounts.MethodPost, Grants: []string{accounts.GrantClient}, Scopes: []string{"system/Patient.rs"}})
	w.client(t, "bulk", 1, accounts.Client{Method: accounts.MethodJWT, JWKS: string(w.public(t)), Grants: []string{accounts.GrantClient}, Scopes: []string{"system/*.rs"}})
	w.client(t, "far", 1, accounts.Client{Method: accounts.MethodJWT, JWKS: "https://far.example/jwks", Grants: []string{accounts.GrantClient}, Scopes: []string{"system/*.rs"}})
	w.client(t, "north", 2, accounts.Client{Method: accounts.MethodBasic, Redirects: []string{webBack}, Grants: append(code, accounts.GrantClient), Scopes: append(scopes, "system/Patient.rs")})
}

// theRSA is the key of clients in all stories: making one takes long.
var theRSA = sync.OnceValue(func() *rsa.PrivateKey {
	k, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		panic(err)
	}
	return k
})

func (w *world) public(t testing.TB) []byte {
	t.Helper()
	text, err := json.Marshal(jose.JSONWebKeySet{Keys: []jose.JSONWebKey{
		{Key: w.rsa.Public(), KeyID: "r", Algorithm: "RS384", Use: "sig"}, {Key: w.ec.Public(), KeyID: "e", Algorithm: "ES384", Use: "sig"}}})
	must(t, err)
	return text
}

func (w *world) client(t testing.TB, name string, tenant int32, c accounts.Client) {
	t.Helper()
	c.Name = "The <" + name + ">"
	made, secret, err := w.Register(t.Context(), inside(tenant), c)
	must(t, err)
	w.c[name], w.secret[name] = made, secret
}

func (w *world) user(t testing.TB, tenant int32, login string, list ...access.Permission) {
	t.Helper()
	u, err := w.AddUser(t.Context(), inside(tenant), accounts.NewUser{Login: login, Name: strings.ToUpper(login)})
	must(t, err)
	first, err := w.ResetPassword(t.Context(), inside(tenant), u.ID)
	must(t, err)
	s, err := w.SignIn(t.Context(), tenant, accounts.Try{Login: login, Password: first, Device: "first"})
	must(t, err)
	p, _, err := w.Session(t.Context(), s.Text)
	must(t, err)
	must(t, w.ChangePassword(t.Context(), p, first, password))
	must(t, w.AddRole(t.Context(), inside(tenant), "of "+login))
	for _, permission := range list {
		must(t, w.Permit(t.Context(), inside(tenant), "of "+login, permission))
	}
	must(t, w.Give(t.Context(), inside(tenant), "of "+login, u.ID))
}

// heard is an answer.
type heard struct {
	status int
	header http.Header
	body   map[string]any
	raw    string
}

func (h heard) str(name string) string { s, _ := h.body[name].(string); return s }
func (h heard) String() string         { return fmt.Sprintf("%d %s", h.status, strings.TrimSpace(h.raw)) }

// is tells whether it is an error of OAuth.
func (h heard) is(status int, code string) bool { return h.status == status && h.str("error") == code }

// browser keeps cookies and follows no redirect by itself.
type browser struct {
	*http.Client
	w *world
}

func (w *world) browser() *browser {
	jar, err := cookiejar.New(nil)
	must(w.t, err)
	return &browser{&http.Client{Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}, w}
}

// say sends a request with headers given as name, value.
func (b *browser) say(method, path string, f url.Values, header ...string) heard {
	b.w.t.Helper()
	var body io.Reader
	if method == http.MethodPost {
		body = strings.NewReader(f.Encode())
	} else if f != nil {
		path += "?" + f.Encode()
	}
	if strings.HasPrefix(path, "/") {
		path = b.w.url + path
	}
	r, err := http.NewRequest(method, path, body)
	must(b.w.t, err)
	if method == http.MethodPost {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	for n := 0; n+1 < len(header); n += 2 {
		r.Header.Set(header[n], header[n+1])
	}
	res, err := b.Do(r)
	must(b.w.t, err)
	defer res.Body.Close() //nolint:errcheck // a test's
	text, err := io.ReadAll(res.Body)
	must(b.w.t, err)
	h := heard{status: res.StatusCode, header: res.Header, raw: string(text)}
	json.Unmarshal(text, &h.body) //nolint:errcheck // then it is a page
	return h
}

// follow goes where an answer leads, as long as that is ours.
func (b *browser) follow(h heard) (heard, string) {
	for range 10 {
		to := h.header.Get("Location")
		if m := refreshing.FindStringSubmatch(h.raw); m != nil {
			to = html.UnescapeString(m[1])
		}
		if to == "" || !strings.HasPrefix(to, "/") && !strings.HasPrefix(to, b.w.url) {
			return h, to
		}
		h = b.say("GET", to, nil)
	}
	b.w.t.Fatal("a circle of redirects")
	return h, ""
}

var (
	refreshing = regexp.MustCompile(`http-equiv="refresh" content="0;url=([^"]*)"`)
	action     = regexp.MustCompile(`<form method="post" action="([^"]*)"`)
	field      = regexp.MustCompile(`<input [^>]*name="(\w+)"[^>]*value="([^"]*)"`)
)

// fill is the form of a page with what it holds, and changes given as name, value; "-" takes a field away.
func fill(h heard, changes ...string) (to string, f url.Values) {
	f = url.Values{}
	if m := action.FindStringSubmatch(h.raw); m != nil {
		to = html.UnescapeString(m[1])
	}
	for _, m := range field.FindAllStringSubmatch(h.raw, -1) {
		f.Add(m[1], html.UnescapeString(m[2]))
	}
	return to, changed(f, changes...)
}

func changed(f url.Values, changes ...string) url.Values {
	for n := 0; n+1 < len(changes); n += 2 {
		f.Del(changes[n])
		if changes[n+1] != "-" {
			f.Set(changes[n], changes[n+1])
		}
	}
	return f
}

func (b *browser) submit(h heard, changes ...string) heard {
	to, f := fill(h, changes...)
	return b.say("POST", to, f)
}

// question is what an app asks for, with changes.
func (w *world) question(client, scope string, changes ...string) url.Values {
	sum := sha256.Sum256([]byte(verifier))
	back := appBack
	if len(w.c[client].Redirects) > 0 {
		back = w.c[client].Redirects[0]
	}
	f := url.Values{"response_type": {"code"}, "client_id": {w.c[client].ID}, "redirect_uri": {back}, "scope": {scope}, "state": {"the state"}, "nonce": {"the nonce"},
		"code_challenge": {base64.RawURLEncoding.EncodeToString(sum[:])}, "code_challenge_method": {"S256"}, "aud": {w.url + "/fhir"}}
	return changed(f, changes...)
}

// answer goes through the pages as a user: signs in if that is asked, and answers. It gives where the browser is sent in the end.
func (b *browser) answer(q url.Values, login, answer string) (string, heard) {
	h, to := b.follow(b.say("GET", "/oauth/authorize", q))
	if strings.Contains(h.raw, `name="password"`) {
		h, to = b.follow(b.submit(h, "login", login, "password", password))
	}
	if strings.Contains(h.raw, `name="answer"`) {
		h, to = b.follow(b.submit(h, "answer", answer))
	}
	return to, h
}

// code is that which an app gets.
func (b *browser) code(q url.Values, login string) string {
	b.w.t.Helper()
	to, h := b.answer(q, login, "yes")
	u, err := url.Parse(to)
	if err != nil || u.Query().Get("code") == "" {
		b.w.t.Fatalf("no code: %q %v", to, h)
	}
	return u.Query().Get("code")
}

func (w *world) appCode() string {
	w.t.Helper()
	return w.browser().code(w.question("app", all), "ada")
}

// post asks an endpoint, with a form and headers.
func (w *world) post(path string, f url.Values, header ...string) heard {
	w.t.Helper()
	return w.browser().say("POST", path, f, header...)
}

func basicOf(id, secret string) string {
	return "Basic " + base64.StdEncoding.EncodeToString([]byte(url.QueryEscape(id)+":"+url.QueryEscape(secret)))
}

func (w *world) as(client string) []string {
	return []string{"Authorization", basicOf(w.c[client].ID, w.secret[client])}
}

func (w *world) exchange(code string, changes ...string) heard {
	w.t.Helper()
	f := url.Values{"grant_type": {accounts.GrantCode}, "code": {code}, "redirect_uri": {appBack}, "client_id": {w.c["app"].ID}, "code_verifier": {verifier}}
	return w.post(tokenPath, changed(f, changes...))
}

func (w *world) refresh(token string, changes ...string) heard {
	w.t.Helper()
	f := url.Values{"grant_type": {accounts.GrantRefresh}, "refresh_token": {token}, "client_id": {w.c["app"].ID}}
	return w.post(tokenPath, changed(f, changes...))
}

// enter shows a token at the gate.
func (w *world) enter(token string) (access.Principal, error) {
	r := httptest.NewRequest("GET", "/fhir/Patient/1", nil)
	r.Header.Set("Authorization", "Bearer "+token)
	return w.gate.Principal(r)
}

// good checks that a token lets in, and bad that it does not.
func (w *world) good(when, token string) access.Principal {
	w.t.Helper()
	p, err := w.enter(token)
	if err != nil {
		w.t.Errorf("%s: %v", when, err)
	}
	return p
}

func (w *world) bad(when, token string) {
	w.t.Helper()
	if p, err := w.enter(token); !fault.Is(err, fault.Unauthorized) || p.Subject != "" {
		w.t.Errorf("%s: %+v %v", when, p, err)
	}
}

// read verifies a JWT by the keys that are published.
func (w *world) read(token string) (map[string]any, jose.Header) {
	w.t.Helper()
	var set jose.JSONWebKeySet
	must(w.t, json.Unmarshal([]byte(w.browser().say("GET", "/oauth/jwks", nil).raw), &set))
	jws, err := jose.ParseSignedCompact(token, []jose.SignatureAlgorithm{jose.ES256, jose.RS256})
	if err != nil {
		w.t.Fatalf("%q: %v", token, err)
	}
	head := jws.Signatures[0].Protected
	keys := set.Key(head.KeyID)
	if len(keys) != 1 || keys[0].Algorithm != head.Algorithm {
		w.t.Fatal("the key is not published", head)
	}
	body, err := jws.Verify(keys[0].Key)
	must(w.t, err)
	out := map[string]any{}
	must(w.t, json.Unmarshal(body, &out))
	return out, head
}

// race counts who gets tokens of those who ask at the same time.
func race(n int, ask func() heard) int {
	var won atomic.Int32
	var group sync.WaitGroup
	for range n {
		group.Go(func() {
			if ask().status == http.StatusOK {
				won.Add(1)
			}
		})
	}
	group.Wait()
	return int(won.Load())
}
