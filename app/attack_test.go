package app

import (
	"fmt"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/ficushealth/ficus/engine/db/dbtest"
	"github.com/ficushealth/ficus/server/api"
	"github.com/ficushealth/ficus/server/page"
)

// withoutToken are the routes that ask for no bearer token, each with the reason.
var withoutToken = map[string]string{
	"GET /healthz": "says whether the process runs",
	"GET /readyz":  "says whether the database answers",

	"GET /fhir/metadata":                          "FHIR has it open; of a tenant it tells only his own callers",
	"GET /fhir/.well-known/smart-configuration":   "where to sign in",
	"GET /.well-known/openid-configuration":       "where to sign in",
	"GET /.well-known/oauth-authorization-server": "where to sign in",
	"GET /oauth/jwks":                             "public keys",
	"GET /oauth/authorize":                        "begins a sign-in",
	"POST /oauth/authorize":                       "begins a sign-in",
	"GET /api/v1/openapi.json":                    "what can be asked for",
	"POST /api/v1/auth/login":                     "asks for login and password",
	"POST /api/v1/auth/factor":                    "asks for the second factor",
	"POST /api/v1/auth/refresh":                   "asks for a refresh token",
	"POST /auth/login":                            "asks for login and password",
	"POST /auth/factor":                           "asks for the second factor",
	"POST /auth/refresh":                          "asks for a refresh token",
	"POST /oauth/token":                           "asks for the client's credentials and what stands for the user",
	"POST /oauth/introspect":                      "asks for the client's credentials",
	"POST /oauth/revoke":                          "asks for the client's credentials",
	"POST /oauth/device":                          "asks for the client's credentials",
	"POST /oauth/register":                        "takes clients if that is switched on, each with an initial access token",
	"GET /oauth/end-session":                      "a page of the person's own browser",
	"POST /oauth/end-session":                     "a page of the person's own browser",
	"GET /signin":                                 "a page: asks for login and password",
	"POST /signin":                                "a page: asks for login and password",
	"POST /signin/factor":                         "a page: asks for the second factor",
	"GET /signin/password":                        "a page of the person's own browser",
	"POST /signin/password":                       "a page: asks for the password",
	"GET /signin/consent":                         "a page of the person's own browser",
	"POST /signin/consent":                        "a page of the person's own browser",
	"GET /signin/device":                          "a page of the person's own browser",
	"POST /signin/device":                         "a page of the person's own browser",
	"GET /page/style.{hash}.css":                  "the colours of the pages",
	"GET /signin/factors":                         "a page of the person's own browser",
	"POST /signin/factors":                        "a page of the person's own browser",
	"GET /signin/sessions":                        "a page of the person's own browser",
	"POST /signin/sessions":                       "a page of the person's own browser",
}

// TestNoRouteIsOpenToBadCredentials asks every route that is served with each of the attacks, which must give 401 and change nothing;
// with a token that may do something else, which must give 403; and with the right one, which must do neither. What was answered is
// the matrix in the documents.
func TestNoRouteIsOpenToBadCredentials(t *testing.T) {
	dbtest.BothURLs(t, func(t *testing.T, at string) {
		a, address := servedWithSignIn(t, at, Config{})
		b := newBurglar(t, a, address)
		rows := map[string]string{}
		for n, route := range b.routes(a) {
			t.Run(route, func(t *testing.T) {
				b.w.t = t
				rows[route] = b.breakIn(n, route)
			})
		}
		if !t.Failed() {
			compareMatrix(t, b.tables(rows))
		}
	})
}

// burglar has many tokens that are not good, one that is good for little, and one that opens all of his tenant.
type burglar struct {
	w      wall
	bad    []credential
	narrow string        // opens little, for a user
	person string        // says who signed in
	boss   func() string // somebody who looks after accounts, signed in without an app
}

// credential is what the Authorization header holds, if it is there.
type credential struct{ name, header string }

// routes are all that are served and ask for a token.
func (b *burglar) routes(a *App) (list []string) {
	seen := map[string]bool{}
	for _, m := range mounted(b.w.t, a) {
		if len(m.routes) == 0 {
			b.w.t.Fatal("something is served of which nobody says what it is: ", m.patterns)
		}
		for _, route := range m.routes {
			if seen[route] = true; withoutToken[route] == "" {
				list = append(list, route)
			}
		}
	}
	for route := range withoutToken {
		if !seen[route] {
			b.w.t.Error("it is not served: ", route)
		}
	}
	slices.Sort(list)
	return list
}

// mounted is all that the program serves.
func mounted(t *testing.T, a *App) []mount {
	t.Helper()
	pages, err := page.New()
	if err != nil {
		t.Fatal(err)
	}
	return a.mounts(prometheus.NewRegistry(), pages)
}

// besides are askings for the routes in which nothing of another tenant could be.
var besides = map[string]asking{
	"/metrics":        {"/metrics", ""},
	"/oauth/userinfo": {"/oauth/userinfo", ""},
}

func rowOf(t *testing.T, route string) (method string, row asking) {
	t.Helper()
	method, path, _ := strings.Cut(route, " ")
	for _, x := range []struct {
		table map[string]asking
		key   string
	}{{askings, route}, {askings, path}, {besides, path}} {
		if row, found := x.table[x.key]; found {
			return method, row
		}
	}
	if !aboutAccounts(route) {
		t.Fatal("no table has a row for this route: say how it is asked")
	}
	return method, asking{regexp.MustCompile(`\{\w+\}`).ReplaceAllString(path, "nothing"), formed(path)}
}

// formed is a body of the form that people send there who have signed in; those who look after others are refused before theirs is read.
func formed(path string) string {
	switch {
	case strings.HasSuffix(path, "/change-password"):
		return `{"current_password":"not the right one","new_password":"another horse battery","confirm_password":"another horse battery"}`
	case strings.HasSuffix(path, "/confirm"):
		return `{"code":"123456"}`
	case strings.Contains(path, "/factors/"):
		return `{"password":"not the right one"}`
	}
	return "{}"
}

// aboutAccounts reports whether a route is one by which people look after themselves or others. It is asked for what is not there:
// what each does stands in the tests of server/api.
func aboutAccounts(route string) bool {
	_, path, _ := strings.Cut(route, " ")
	return strings.HasPrefix(path, api.Root+"/admin/") || strings.HasPrefix(path, api.Root+"/auth/") || strings.HasPrefix(path, api.Alias+"/")
}

// breakIn tries everything on a route. It gives its row of the matrix.
func (b *burglar) breakIn(n int, route string) string {
	b.w.t.Helper()
	method, row := rowOf(b.w.t, route)
	id := fmt.Sprintf("ours-%03d", n)
	if code, body := b.w.say(b.w.they, http.MethodPost, "", strings.ReplaceAll(theirs, "@", id)); code != http.StatusOK {
		b.w.t.Fatal(code, body)
	}
	before := b.w.state(id)
	var cells []string
	for _, c := range b.bad {
		code, body, challenge := b.w.as(c.header, method, row, id)
		cells = append(cells, fmt.Sprint(code))
		if code != http.StatusUnauthorized || !strings.HasPrefix(challenge, "Bearer") || strings.Contains(body, marker) {
			b.w.t.Errorf("%s: %d, WWW-Authenticate: %s: %s", c.name, code, challenge, body)
		}
	}
	narrow, right := b.tokens(route)
	code, body, _ := b.w.as("Bearer "+narrow, method, row, id)
	cells = append(cells, fmt.Sprint(code))
	if !b.refusedInside(method, row, code, body) {
		b.w.t.Errorf("too narrow: %d %s", code, body)
	}
	code, body, _ = b.w.as("Bearer "+b.w.ours, method, row, id)
	cells = append(cells, fmt.Sprint(code))
	if strings.Contains(body, marker) {
		b.w.t.Errorf("another tenant: %d %s", code, body)
	}
	if after := b.w.state(id); after != before {
		b.w.t.Errorf("it was changed:\n%s\n%s", before, after)
	}
	code, body, _ = b.w.as("Bearer "+right, method, row, id)
	cells = append(cells, fmt.Sprint(code))
	if code == http.StatusUnauthorized || code == http.StatusForbidden {
		b.w.t.Errorf("the right token: %d %s", code, body)
	}
	return strings.Join(cells, " | ")
}

// tokens are one that does not reach so far and one that does. Who signed in is known of people alone.
func (b *burglar) tokens(route string) (narrow, right string) {
	switch {
	case strings.HasSuffix(route, " /oauth/userinfo"):
		return b.w.they, b.person
	case aboutAccounts(route):
		return b.narrow, b.boss()
	}
	return b.narrow, b.w.they
}

// refusedInside reports whether somebody was refused who may do something else. A batch says so of each of its entries.
func (b *burglar) refusedInside(method string, row asking, code int, body string) bool {
	if strings.Contains(body, marker) {
		return false
	}
	if code == http.StatusOK && method == http.MethodPost && strings.Contains(row.body, `"batch"`) {
		return strings.Count(body, `"status":"403`) == strings.Count(row.body, `"request"`)
	}
	return code == http.StatusForbidden || code == http.StatusMethodNotAllowed
}

// as asks with a header of its own, or none.
func (w wall) as(header, method string, row asking, id string) (code int, body, challenge string) {
	res, text := w.send(header, method, strings.ReplaceAll(row.path, "@", id), strings.ReplaceAll(row.body, "@", id))
	return res.StatusCode, text, res.Header.Get("WWW-Authenticate")
}

// matrixFile is the matrix in the documents. FICUS_WRITE=1 writes it anew.
const matrixFile = "../docs/compliance/attack-matrix.md"

// compareMatrix holds what was answered against the matrix in the documents, below the line that ends its words.
func compareMatrix(t *testing.T, tables string) {
	t.Helper()
	text, err := os.ReadFile(filepath.FromSlash(matrixFile))
	if err != nil {
		t.Fatal(err)
	}
	const begin = "<!-- what was answered -->\n\n"
	words, found, _ := strings.Cut(string(text), begin)
	if found == tables {
		return
	}
	if os.Getenv("FICUS_WRITE") == "1" {
		if err := os.WriteFile(filepath.FromSlash(matrixFile), []byte(words+begin+tables), 0o644); err != nil { //nolint:gosec // a document
			t.Fatal(err)
		}
		return
	}
	t.Errorf("%s does not hold what was answered; FICUS_WRITE=1 go test ./app -run TestNoRoute writes it:\n%s", matrixFile, tables)
}

// tables are the matrix and the list of the routes that ask for no token.
func (b *burglar) tables(rows map[string]string) string {
	head := []string{"route"}
	for _, c := range b.bad {
		head = append(head, c.name)
	}
	head = append(head, "too narrow", "another tenant", "the right one")
	lines := []string{"| " + strings.Join(head, " | ") + " |", strings.Repeat("|---", len(head)) + "|"}
	for _, route := range slices.Sorted(maps.Keys(rows)) {
		lines = append(lines, "| `"+route+"` | "+rows[route]+" |")
	}
	lines = append(lines, "", "Without a token:", "", "| route | why |", "|---|---|")
	for _, route := range slices.Sorted(maps.Keys(withoutToken)) {
		lines = append(lines, "| `"+route+"` | "+withoutToken[route]+" |")
	}
	return strings.Join(lines, "\n") + "\n"
}
