package app

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/ficushealth/ficus/engine/audit"
	"github.com/ficushealth/ficus/engine/db/dbtest"
)

// TestTheInstallationKeyIsChanged: the database opens with the new file alone, a backup from before with the old one, and it is on record.
func TestTheInstallationKeyIsChanged(t *testing.T) {
	dbtest.BothURLs(t, func(t *testing.T, url string) {
		s := put(t, url, 3)
		before := s.backup("before")
		old, fresh := s.key, filepath.Join(t.TempDir(), "fresh")
		out := s.done("admin", "keys", "rotate", "--db", url, "--key-file", old, "--new-key-file", fresh)
		if !strings.Contains(out, "keys are wrapped under the installation key") {
			t.Error(out)
		}
		s.refused("holds another", "admin", "tokens", "--db", url, "--key-file", old)
		s.refused("holds another", "admin", "keys", "rotate", "--db", url, "--key-file", old, "--new-key-file", fresh)
		s.refused("already", "admin", "keys", "rotate", "--db", url, "--key-file", fresh, "--new-key-file", fresh)
		s.done("restore", "--check", before, "--key-file", old)
		s.refused("was made under the installation key", "restore", "--check", before, "--key-file", fresh)
		s.key = fresh
		a := s.open(url)
		defer a.Close()
		s.create(a)
		found := 0
		for e, err := range audit.Read(t.Context(), a.DB, 1, audit.Filter{Action: "rewrap"}) {
			if err != nil || e.Category() != audit.Administration {
				t.Error(e, err)
			}
			found++
		}
		report, err := audit.Verify(t.Context(), a.DB, auditKeys(a.Vault), 1, "")
		if err != nil || !report.OK() || found != 1 {
			t.Error(report, err, found)
		}
	})
}
