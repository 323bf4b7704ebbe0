package app

import (
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"

	"github.com/ficushealth/ficus/care/accounts"
	"github.com/ficushealth/ficus/engine/access"
	"github.com/ficushealth/ficus/engine/db/dbtest"
	"github.com/ficushealth/ficus/suites"
)

// TestTheCommandsOfTheSignInHowTo runs each curl of docs/howto/sign-in.md, in order, against a server with the clients of that page.
func TestTheCommandsOfTheSignInHowTo(t *testing.T) {
	if _, err := exec.LookPath("curl"); err != nil {
		suites.Missing(t, "curl (package curl)")
	}
	text, err := os.ReadFile("../docs/howto/sign-in.md")
	if err != nil {
		t.Fatal(err)
	}
	a, address := servedWithSignIn(t, dbtest.SQLiteURL(t), Config{})
	h := howTo{t: t, address: address, words: map[string]string{"VERIFIER": codeVerifier}}
	h.words["ID"], h.words["SECRET"] = h.client(a, accounts.MethodBasic, accounts.GrantClient, "system/*.rs")
	s := newStrangers(t, a, address, accounts.First, "ada")
	h.words["APP"], _ = h.client(a, accounts.MethodNone, accounts.GrantCode+" "+accounts.GrantRefresh, "openid profile offline_access user/Patient.rs", "http://127.0.0.1:8000/cb")
	h.words["DEVICE"], _ = h.client(a, accounts.MethodNone, accounts.GrantDevice, "openid user/Observation.cruds")
	s.id, s.back = h.words["APP"], "http://127.0.0.1:8000/cb"
	h.words["CODE"] = s.code()
	wants := []string{`"code_challenge_methods_supported":\["S256"\]`, `"capabilities":`, `"access_token":"(?P<TOKEN>[^"]+)"`, `"resourceType":"Bundle"`,
		`"access_token":"(?P<USERTOKEN>[^"]+)".*"refresh_token":"(?P<REFRESH>[^"]+)"`, `"sub":"user/`, `"refresh_token":"(?P<REFRESH>[^"]+)"`, `"user_code":"1-`, `^\{\}$`, `"active":true`}
	commands := regexp.MustCompile(`(?m)^curl .*$`).FindAllString(string(text), -1)
	if len(commands) != len(wants) {
		t.Fatalf("%d commands, and %d answers are known", len(commands), len(wants))
	}
	for n, command := range commands {
		h.run(command, wants[n])
	}
}

// howTo runs commands, and keeps what they answer under the names that the page uses.
type howTo struct {
	t       *testing.T
	address string
	words   map[string]string
}

func (h howTo) client(a *App, method, grants, scopes string, redirects ...string) (id, secret string) {
	h.t.Helper()
	c, secret, err := a.Accounts.Register(h.t.Context(), access.Inside(accounts.First, "test"), accounts.Client{
		Name: "of the page", Method: method, Grants: strings.Fields(grants), Scopes: strings.Fields(scopes), Redirects: redirects,
	})
	if err != nil {
		h.t.Fatal(err)
	}
	return c.ID, secret
}

func (h howTo) run(command, want string) {
	h.t.Helper()
	cmd := exec.Command("sh", "-c", strings.ReplaceAll(command, "http://127.0.0.1:8080", h.address))
	cmd.Env = os.Environ()
	for name, value := range h.words {
		cmd.Env = append(cmd.Env, name+"="+value)
	}
	out, err := cmd.CombinedOutput()
	found := regexp.MustCompile(want)
	m := found.FindSubmatch([]byte(strings.TrimSpace(string(out))))
	if err != nil || m == nil {
		h.t.Fatalf("%s: %v\n%s", command, err, out)
	}
	for n, name := range found.SubexpNames() {
		if name != "" {
			h.words[name] = string(m[n])
		}
	}
}
