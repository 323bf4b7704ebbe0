package app

import (
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/ficushealth/ficus/engine/audit"
	"github.com/ficushealth/ficus/engine/db/dbtest"
)

func TestOldTokenKeysAreChanged(t *testing.T) {
	a := opened(t, Config{Database: Database{DB: dbtest.SQLiteURL(t)}})
	count := func(after time.Duration) int {
		t.Helper()
		a.Now = func() time.Time { return time.Now().Add(after) }
		if err := a.rotateOld(t.Context()); err != nil {
			t.Fatal(err)
		}
		keys, err := a.Vault.TokenKeys(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		return len(keys)
	}
	if first, young, old := count(0), count(keysAge-time.Hour), count(keysAge+time.Hour); first != 2 || young != 2 || old != 4 {
		t.Error(first, young, old)
	}
}

func TestTokenKeysOnTheCommandLine(t *testing.T) {
	p := Place{Database: Database{DB: dbtest.SQLiteURL(t), KeyFile: filepath.Join(t.TempDir(), "key")}}
	if err := administer(t.Context(), p, func(*Tenancy) error { return nil }); err != nil {
		t.Fatal(err)
	}
	where := []string{"--db", p.DB, "--key-file", p.KeyFile}
	for _, c := range []struct{ line, says string }{{"token-keys", "KEY"}, {"token-keys rotate", "sign from"}, {"token-keys replace", "refused from now on"}} {
		code, out, about := ficus(t, append(append([]string{"admin"}, strings.Fields(c.line)...), where...)...)
		if code != exitDone || !strings.Contains(out, c.says) {
			t.Fatal(c.line, code, out, about)
		}
	}
	code, out, about := ficus(t, append([]string{"admin", "token-keys"}, where...)...)
	if code != exitDone || strings.Count(out, "ES256") != 3 || strings.Count(out, "RS256") != 3 {
		t.Fatal(code, out, about)
	}
	var got []string
	err := administer(t.Context(), p, func(a *Tenancy) error {
		for e, err := range audit.Read(t.Context(), a.DB, a.Tenant, audit.Filter{}) {
			if err != nil {
				return err
			}
			got = append(got, e.Action)
		}
		return nil
	})
	if err != nil || strings.Join(got, " ") != "create rotate replace" {
		t.Error(got, err)
	}
}
