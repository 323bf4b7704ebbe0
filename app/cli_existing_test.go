package app

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/ficushealth/ficus/engine/db"
	"github.com/ficushealth/ficus/engine/db/dbtest"
	"github.com/ficushealth/ficus/packs/opal/synth"
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
			if code != exitFailed || !strings.Contains(err, "the database is empty: check --db") {
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

// TestLostKeysAreNotMadeAnew takes the tenant's keys out of the vault: whatever is asked, the answer says so, and no new
// ones are made, which would open nothing.
func TestLostKeysAreNotMadeAnew(t *testing.T) {
	dbtest.BothURLs(t, func(t *testing.T, url string) {
		m := newMigration(t, url, synthetic(t, synth.Options{Patients: 1, Results: 1, Appointments: 1}))
		m.done(m.on("run")...)
		m.certificate() // its key is the installation's, not the tenant's
		for _, lost := range []string{`DELETE FROM vault_key WHERE tenant <> 0`, `DELETE FROM vault_key`} {
			behind(t, url, lost)
			for _, args := range [][]string{m.on("verify"), m.on("run"), m.at("status"), m.on("verify")} {
				if code, out, err := m.run(args...); code != exitFailed || !strings.Contains(err, "the keys of tenant 1 are missing") {
					t.Errorf("%s: %d %s%s", args[0], code, out, err)
				}
			}
		}
	})
}

// behind changes a database behind the program's back.
func behind(t *testing.T, url, stmt string) {
	t.Helper()
	d, err := db.Open(t.Context(), url, db.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := d.Exec(t.Context(), db.Same(stmt)); err != nil {
		t.Error(err)
	}
	if err := d.Close(); err != nil {
		t.Error(err)
	}
}
