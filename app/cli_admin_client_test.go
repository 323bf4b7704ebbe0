package app

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/ficushealth/ficus/engine/db/dbtest"
)

// TestClientsOnTheCommandLine makes one of each kind, and ends one.
func TestClientsOnTheCommandLine(t *testing.T) {
	dir := t.TempDir()
	where := []string{"--db", dbtest.SQLiteURL(t), "--key-file", filepath.Join(dir, "key")}
	keys := filepath.Join(dir, "keys.json")
	if err := os.WriteFile(keys, []byte(`{"keys":[{"kty":"EC","crv":"P-384","x":"x","y":"y","kid":"a"}]}`), 0o600); err != nil {
		t.Fatal(err)
	}
	add := func(args ...string) (int, string, string) {
		return ficus(t, append(append([]string{"admin", "client", "add"}, args...), where...)...)
	}
	for _, x := range []struct {
		args []string
		want string
	}{
		{[]string{"Chart", "--kind", "app", "--redirect", "http://127.0.0.1:8000/cb", "--redirect", "https://chart.example/cb?a,b", "--scope", "openid user/Patient.rs"}, `^client_id 1\.\S+\n$`},
		{[]string{"Portal", "--kind", "website", "--redirect", "https://portal.example/cb", "--scope", "openid"}, `^client_id 1\.\S+\nclient_secret \S{43,}\n$`},
		{[]string{"Nightly", "--kind", "service", "--scope", "system/*.rs"}, `^client_id 1\.\S+\nclient_secret \S{43,}\n$`},
		{[]string{"Bulk", "--kind", "service", "--scope", "system/*.rs", "--keys", keys}, `^client_id 1\.\S+\n$`},
		{[]string{"Far", "--kind", "service", "--scope", "system/*.rs", "--keys", "https://far.example/jwks"}, `^client_id 1\.\S+\n$`},
		{[]string{"Scale", "--kind", "device", "--scope", "openid"}, `^client_id 1\.\S+\n$`},
	} {
		if code, out, about := add(x.args...); code != exitDone || !regexp.MustCompile(x.want).MatchString(out) || strings.Contains(about, "client_secret ") {
			t.Errorf("%q: %d %s%s", x.args, code, out, about)
		}
	}
	for want, args := range map[string][]string{
		"needs --redirect":   {"x", "--kind", "app", "--scope", "openid"},
		"nothing else":       {"x", "--kind", "service", "--redirect", "https://x.example/", "--scope", "system/*.rs"},
		"begins with https":  {"x", "--kind", "app", "--redirect", "http://x.example/", "--scope", "openid"},
		"not understood":     {"x", "--kind", "service", "--scope", "everything"},
		"has its keys too":   {"x", "--kind", "device", "--scope", "openid", "--keys", keys},
		"keys cannot be":     {"x", "--kind", "service", "--scope", "system/*.rs", "--keys", keys + "x"},
		"list of keys":       {"x", "--kind", "service", "--scope", "system/*.rs", "--keys", filepath.Join(dir, "key")},
		"there is no tenant": {"x", "--kind", "service", "--scope", "system/*.rs", "--tenant", "south"},
	} {
		if code, out, about := add(args...); code != exitFailed || !strings.Contains(about, want) || out != "" {
			t.Errorf("%q: %d %s%s", args, code, out, about)
		}
	}
	_, out, _ := ficus(t, append([]string{"admin", "client"}, where...)...)
	m := regexp.MustCompile(`(?m)^(1\.\S+) +Nightly +client_secret_basic `).FindStringSubmatch(out)
	if m == nil || strings.Count(out, "\n") != 7 || !strings.Contains(out, "https://chart.example/cb?a,b") {
		t.Fatal(out)
	}
	for _, want := range []int{exitDone, exitFailed} {
		if code, out, about := ficus(t, append([]string{"admin", "client", "remove", m[1]}, where...)...); code != want {
			t.Error(code, out, about)
		}
	}
	if _, out, _ := ficus(t, append([]string{"admin", "client"}, where...)...); strings.Contains(out, "Nightly") {
		t.Error(out)
	}
}
