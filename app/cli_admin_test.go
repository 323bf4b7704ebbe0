package app

import (
	"net/http"
	"path/filepath"
	"strings"
	"testing"

	"github.com/ficushealth/ficus/engine/db/dbtest"
	"github.com/ficushealth/ficus/server/signin"
)

func TestATokenIsMadeUsedListedAndRevoked(t *testing.T) {
	url := dbtest.SQLiteURL(t)
	where := []string{"--db", url, "--key-file", filepath.Join(filepath.Dir(strings.TrimPrefix(url, "sqlite:")), "key")}
	admin := func(args ...string) (int, string, string) {
		return ficus(t, append(append([]string{"admin"}, args...), where...)...)
	}
	code, text, about := admin("token", "--name", "story", "--scope", "system/Patient.rs", "--days", "1")
	token := strings.TrimSpace(text)
	if code != exitDone || !strings.HasPrefix(token, signin.Prefix) || strings.ContainsAny(token, " \n") || strings.Contains(about, token) {
		t.Fatal(code, text, about)
	}
	if got := asked(t, url, token); got != http.StatusOK {
		t.Error("with the token:", got)
	}
	code, list, _ := admin("tokens")
	id, _, _ := strings.Cut(strings.Split(list, "\n")[1], " ")
	if code != exitDone || !strings.Contains(list, "story") || strings.Contains(list, token) || id == "" {
		t.Fatal(code, list)
	}
	if code, _, err := admin("revoke", id); code != exitDone {
		t.Fatal(err)
	}
	if code, _, err := admin("revoke", id); code != exitFailed || !strings.Contains(err, "no such token") {
		t.Error(code, err)
	}
	if got := asked(t, url, token); got != http.StatusUnauthorized {
		t.Error("with the revoked token:", got)
	}
	if code, out, _ := ficus(t, append([]string{"audit", "verify"}, where...)...); code != exitDone || !strings.Contains(out, "nothing was changed") || !strings.Contains(out, "Without an anchor") {
		t.Error(code, out)
	}
	for _, bad := range [][]string{{"token"}, {"token", "--name", "x", "--days", "soon"}} {
		if code, _, _ := admin(bad...); code != exitUsage {
			t.Error(bad, code)
		}
	}
	if code, _, err := admin("token", "--name", "x", "--scope", "everything"); code != exitFailed || !strings.Contains(err, "scope") {
		t.Error(code, err)
	}
}

// asked runs a server and asks it for patients.
func asked(t *testing.T, url, token string) int {
	t.Helper()
	base, stop := started(t, url)
	defer stop()
	r, err := http.NewRequest(http.MethodGet, base+"/Patient", nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+token)
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	res.Body.Close() //nolint:errcheck // a test's
	return res.StatusCode
}

func TestATokenIsNotMadeBehindAServersBack(t *testing.T) {
	url := dbtest.SQLiteURL(t)
	_, stop := started(t, url)
	defer stop()
	code, _, err := ficus(t, "admin", "token", "--name", "x", "--db", url)
	if code != exitFailed || !strings.Contains(err, "held by another ficus process") {
		t.Error(code, err)
	}
}
