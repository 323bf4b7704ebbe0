package signin

import (
	"bufio"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	jose "github.com/go-jose/go-jose/v4"

	"github.com/ficushealth/ficus/engine/db/dbtest"
	"github.com/ficushealth/ficus/suites"
)

// script runs a program of testdata/clients with the packages that .ci/needs has installed for it, and does what it asks for.
type script struct {
	*world
	b    *browser
	done []string
}

// run ends the test where node or the packages are missing.
func (s *script) run(name string, about map[string]any) {
	s.t.Helper()
	dir := s.t.TempDir()
	source, err := os.ReadFile(filepath.Join("testdata", "clients", name))
	must(s.t, err)
	must(s.t, os.WriteFile(filepath.Join(dir, name), source, 0o600))
	must(s.t, os.Symlink(packages(s.t), filepath.Join(dir, "node_modules")))
	arg, err := json.Marshal(about)
	must(s.t, err)
	cmd := exec.CommandContext(s.t.Context(), "node", name, string(arg))
	cmd.Dir, cmd.Stderr = dir, os.Stderr
	cmd.WaitDelay = time.Second
	in, err := cmd.StdinPipe()
	must(s.t, err)
	out, err := cmd.StdoutPipe()
	must(s.t, err)
	must(s.t, cmd.Start())
	s.talk(in, out)
	if err := cmd.Wait(); err != nil {
		s.t.Errorf("%s: %v, after %q", name, err, s.done)
	}
}

func (s *script) talk(in io.Writer, out io.Reader) {
	for lines := bufio.NewScanner(out); lines.Scan(); {
		var said struct{ What, Value string }
		must(s.t, json.Unmarshal(lines.Bytes(), &said))
		switch said.What {
		case "done":
			s.done = append(s.done, said.Value)
		case "visit":
			io.WriteString(in, s.visit(said.Value)+"\n") //nolint:errcheck // it shows in what is not done
		case "type":
			s.typeCode(said.Value)
			io.WriteString(in, "\n") //nolint:errcheck // as above
		}
	}
}

// visit goes to an address as ada's browser, and gives where that ended.
func (s *script) visit(address string) string {
	s.t.Helper()
	u, err := url.Parse(address)
	must(s.t, err)
	to, _ := s.b.answer(u.Query(), "ada", "yes")
	return to
}

func (s *script) typeCode(address string) {
	s.t.Helper()
	h, _ := s.b.follow(s.b.submit(s.b.say("GET", address, nil)))
	if h = s.b.submit(h, "answer", "yes"); h.status != http.StatusOK {
		s.t.Error(h)
	}
}

// packages is the folder in which .ci/needs has installed what package-lock.json names.
func packages(t testing.TB) string {
	t.Helper()
	version, err := exec.Command("node", "--version").Output()
	major, _, _ := strings.Cut(strings.TrimPrefix(string(version), "v"), ".")
	if n, bad := strconv.Atoi(major); err != nil || bad != nil || n < 20 {
		suites.Missing(t, "node 20 or later (package nodejs)")
	}
	lock, err := os.ReadFile(filepath.Join("testdata", "clients", "package-lock.json"))
	must(t, err)
	sum := sha256.Sum256(lock)
	cache, err := os.UserCacheDir()
	must(t, err)
	dir := filepath.Join(cache, "ficus", "clients-"+hex.EncodeToString(sum[:8]), "node_modules")
	if _, err := os.Stat(dir); err != nil {
		suites.Missing(t, "the clients of server/signin/testdata/clients (make install-needs)")
	}
	return dir
}

func clientWorld(t *testing.T) (*script, map[string]any) {
	t.Helper()
	w := newWorld(t, dbtest.SQLite(t))
	key, err := json.Marshal(jose.JSONWebKey{Key: w.ec, KeyID: "e"})
	must(t, err)
	one := func(name string) map[string]any {
		c := map[string]any{"id": w.c[name].ID, "secret": w.secret[name]}
		if len(w.c[name].Redirects) > 0 {
			c["redirect"] = w.c[name].Redirects[0]
		}
		return c
	}
	about := map[string]any{"url": w.url, "app": one("app"), "web": one("web"), "service": one("bulk"), "key": json.RawMessage(key)}
	return &script{world: w, b: w.browser()}, about
}

// TestOpenIDClient lets npm's openid-client do all that it can.
func TestOpenIDClient(t *testing.T) {
	s, about := clientWorld(t)
	s.run("openid.mjs", about)
	want := []string{"discovery", "code with PKCE, state, nonce, iss and id token", "userinfo", "refresh", "revocation", "code of a confidential client", "introspection",
		"client credentials by private_key_jwt", "device code", "end of the session"}
	if !slices.Equal(s.done, want) {
		t.Errorf("%q", s.done)
	}
}

// TestFHIRClient lets npm's fhirclient launch by itself, read and refresh.
func TestFHIRClient(t *testing.T) {
	s, about := clientWorld(t)
	s.run("fhir.mjs", about)
	if want := []string{"launch", "code", "read", "refresh"}; !slices.Equal(s.done, want) {
		t.Errorf("%q", s.done)
	}
}
