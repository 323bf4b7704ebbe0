package app

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/ficushealth/ficus/engine/db/dbtest"
)

func TestLookingMakesNothing(t *testing.T) {
	dir := t.TempDir()
	for _, line := range []string{"admin tokens", "admin tenant", "admin revoke x", "audit verify", "migrate status", "migrate quarantine list",
		"migrate quarantine show 1", "migrate quarantine show 1 --reveal"} {
		args := append(strings.Fields(line), "--db", "sqlite:"+filepath.Join(dir, "typo.db"))
		code, out, err := ficus(t, args...)
		if code != exitFailed || !strings.Contains(err, "there is no database") {
			t.Errorf("%s: %d %s%s", line, code, out, err)
		}
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) > 0 {
		t.Error(left, err)
	}
}

func TestAnEmptyDatabaseIsSaidToBeEmpty(t *testing.T) {
	dbtest.BothURLs(t, func(t *testing.T, url string) {
		if path, is := strings.CutPrefix(url, "sqlite:"); is {
			if err := os.WriteFile(path, nil, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		for _, line := range []string{"admin tokens", "audit verify", "migrate status", "migrate quarantine list"} {
			code, out, err := ficus(t, append(strings.Fields(line), "--db", url, "--key-file", filepath.Join(t.TempDir(), "key"))...)
			if code != exitFailed || !strings.Contains(err, "the database is empty: nothing has been moved yet") {
				t.Errorf("%s: %d %s%s", line, code, out, err)
			}
		}
	})
}

// TestVariablesOfOtherThings sets variables that mean something else to other programs and commands.
func TestVariablesOfOtherThings(t *testing.T) {
	t.Setenv("FICUS_VERSION", "1.2.3")
	t.Setenv("FICUS_HELP", "1")
	t.Setenv("FICUS_KEY", "not a public key")
	if code, out, err := ficus(t, "migrate", "lint", "--pack", "opal"); code != exitDone || !strings.Contains(out, "nothing is wrong") {
		t.Error(code, out, err)
	}
	file := filepath.Join(t.TempDir(), "c.json")
	if err := os.WriteFile(file, []byte("{}"), 0o600); err != nil {
		t.Fatal(err)
	}
	if code, _, err := ficus(t, "migrate", "certificate", "verify", file); code != exitFailed || strings.Contains(err, "--key") {
		t.Error(code, err)
	}
}
