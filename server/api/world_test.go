package api

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/ficushealth/ficus/care/accounts"
	"github.com/ficushealth/ficus/engine/access"
	"github.com/ficushealth/ficus/engine/audit"
	"github.com/ficushealth/ficus/engine/db"
	"github.com/ficushealth/ficus/engine/db/dbtest"
	"github.com/ficushealth/ficus/engine/review"
	"github.com/ficushealth/ficus/engine/vault"
	"github.com/ficushealth/ficus/server/signin"
)

const password = "correct horse battery"

// world is the interface over one database: two tenants, their users, and a clock that the story sets.
type world struct {
	*accounts.Accounts
	t      testing.TB
	d      *db.DB
	s      *Server
	issuer *signin.Issuer
	gate   *signin.Gate
	ids    map[string]string // of users, by login
	ahead  atomic.Int64      // of the real time
	logged *bytes.Buffer
	doc    document3

	mu         sync.Mutex
	statements int
	asked      map[string]bool // operations that were answered well
}

func (w *world) now() time.Time { return time.Now().Add(time.Duration(w.ahead.Load())) }

// later lets time pass.
func (w *world) later(d time.Duration) { w.ahead.Add(int64(d)) }

func both(t *testing.T, story func(t *testing.T, w *world)) {
	t.Helper()
	dbtest.BothURLs(t, func(t *testing.T, url string) { story(t, newWorld(t, url)) })
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// quick is a cost of hashing with which stories do not wait.
func quick() accounts.Cost { return accounts.Cost{Memory: 64, Passes: 1, Lanes: 1} }

func newWorld(t testing.TB, url string) *world {
	t.Helper()
	return newWorldAt(t, url, quick())
}

func newWorldAt(t testing.TB, url string, cost accounts.Cost) *world {
	t.Helper()
	w := &world{t: t, ids: map[string]string{}, logged: &bytes.Buffer{}, asked: map[string]bool{}}
	w.d = dbtest.Open(t, url, db.Options{Watch: w.count})
	for _, err := range []error{vault.Migrate(t.Context(), w.d), audit.Migrate(t.Context(), w.d), db.Migrate(t.Context(), w.d, "accounts", accounts.Module().Schema)} {
		must(t, err)
	}
	v, err := vault.Open(t.Context(), w.d, vault.Options{Key: base64.StdEncoding.EncodeToString(make([]byte, 32)), Now: w.now})
	must(t, err)
	keys := func(int32) ([32]byte, error) { return [32]byte{1}, nil }
	log := audit.NewLog(w.d, keys, audit.Options{Now: w.now})
	t.Cleanup(log.Close)
	w.Accounts = accounts.New(w.d, log, accounts.Options{Now: w.now, Vault: v, Cost: cost})
	out := slog.New(slog.NewTextHandler(w.logged, nil))
	w.issuer, err = signin.NewIssuer(w.Accounts, v, signin.IssuerOptions{Base: "http://127.0.0.1/fhir", Now: w.now, Log: out})
	must(t, err)
	w.gate = signin.New(w.Accounts, signin.Options{Now: w.now, Signed: w.issuer})
	reader := review.Reader{DB: w.d, Keys: keys, Log: log, Now: w.now}
	w.s = New(Options{Gate: w.gate, Issuer: w.issuer, Book: w.Accounts, Audit: reader.Search, Log: out, Version: "test"})
	w.doc = readDocument(t, w.s.document)
	w.populate(t)
	return w
}

func (w *world) count(db.Text) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.statements++
}

// counted is how many statements it takes.
func (w *world) counted(do func()) int {
	w.mu.Lock()
	before := w.statements
	w.mu.Unlock()
	do()
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.statements - before
}

func inside(tenant int32) access.Principal { return access.Inside(tenant, "test") }

func to(resource string, actions ...access.Action) (list []access.Permission) {
	for _, a := range actions {
		list = append(list, access.Permission{Resource: resource, Action: a, Reach: access.All})
	}
	return list
}

// populate makes ada, who may do everything in the first tenant, and may look after tenants; nia, who may look at accounts; bob, who
// may see patients; and cyd, who may do everything in the other tenant.
func (w *world) populate(t testing.TB) {
	t.Helper()
	must(t, w.EnsureTenant(t.Context(), inside(1), "General"))
	_, err := w.AddTenant(t.Context(), inside(1), "North")
	must(t, err)
	everything := to("*", access.Reading, access.Writing, access.Deleting, access.Approving)
	w.user(t, 1, "ada", append(everything, to("tenants", access.Reading, access.Writing)...)...)
	w.user(t, 1, "nia", to("accounts", access.Reading)...)
	w.user(t, 1, "bob", to("Patient", access.Reading)...)
	w.user(t, 2, "cyd", append(everything, to("tenants", access.Reading, access.Writing)...)...)
}

// user makes somebody with a password of his own and a role of his name.
func (w *world) user(t testing.TB, tenant int32, login string, list ...access.Permission) {
	t.Helper()
	must(t, w.AddRole(t.Context(), inside(tenant), "role of "+login))
	for _, p := range list {
		must(t, w.Permit(t.Context(), inside(tenant), "role of "+login, p))
	}
	u, first, err := w.Join(t.Context(), inside(tenant), accounts.NewUser{Login: login, Name: strings.ToUpper(login), Email: login + "@example.org"}, "role of "+login)
	must(t, err)
	s, err := w.SignIn(t.Context(), tenant, accounts.Try{Login: login, Password: first, Device: "first"})
	must(t, err)
	p, session, err := w.Session(t.Context(), s.Text)
	must(t, err)
	must(t, w.ChangePassword(t.Context(), p, first, password))
	p, session, err = w.Session(t.Context(), s.Text)
	must(t, err)
	must(t, w.EndSession(t.Context(), p, session.ID))
	w.ids[login] = u.ID
}

// heard is an answer.
type heard struct {
	status int
	header http.Header
	body   map[string]any
	raw    string
}

func (h heard) str(name string) string { s, _ := h.body[name].(string); return s }
func (h heard) num(name string) int    { n, _ := h.body[name].(float64); return int(n) }
func (h heard) String() string         { return fmt.Sprintf("%d %s", h.status, strings.TrimSpace(h.raw)) }

// items are those of a list.
func (h heard) items() (list []heard) {
	all, _ := h.body["items"].([]any)
	for _, x := range all {
		body, _ := x.(map[string]any)
		list = append(list, heard{body: body})
	}
	return list
}

// ask sends a request; header is given as name, value. The answer must be as the document says.
func (w *world) ask(method, path, token, body string, header ...string) heard {
	w.t.Helper()
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	for n := 0; n+1 < len(header); n += 2 {
		r.Header.Set(header[n], header[n+1])
	}
	out := httptest.NewRecorder()
	w.s.ServeHTTP(out, r)
	h := heard{status: out.Code, header: out.Header(), raw: out.Body.String()}
	if h.raw != "" {
		must(w.t, json.Unmarshal([]byte(h.raw), &h.body))
	}
	w.check(r.Pattern, h)
	return h
}

// want asks, and expects a status.
func (w *world) want(status int, method, path, token, body string, header ...string) heard {
	w.t.Helper()
	h := w.ask(method, path, token, body, header...)
	if h.status != status {
		w.t.Fatalf("%s %s: %s, want %d", method, path, h, status)
	}
	return h
}

func js(v any) string {
	text, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return string(text)
}

func withPassword(tenant int32, login, password string) string {
	return js(map[string]string{"email": login, "password": password, "tenant": fmt.Sprint(tenant)})
}

// enter signs somebody in.
func (w *world) enter(tenant int32, login string) heard {
	w.t.Helper()
	return w.want(http.StatusOK, "POST", "/api/v1/auth/login", "", withPassword(tenant, login, password))
}

// token is an access token of somebody.
func (w *world) token(login string) string {
	w.t.Helper()
	tenant := int32(1)
	if login == "cyd" {
		tenant = 2
	}
	return w.enter(tenant, login).str("access_token")
}
