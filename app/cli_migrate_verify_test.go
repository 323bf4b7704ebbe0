package app

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/ficushealth/ficus/engine/db/dbtest"
	"github.com/ficushealth/ficus/packs/opal/synth"
)

func TestNothingIsProvedForACertificateThatCannotBeWritten(t *testing.T) {
	m := newMigration(t, dbtest.SQLiteURL(t), synthetic(t, synth.Options{Patients: 1, Results: 1, Appointments: 1}))
	m.done(m.on("run")...)
	for _, path := range []string{filepath.Join(m.dir, "nowhere", "c.json"), m.dir} {
		code, out, err := m.run(m.on("verify", "--certificate", path)...)
		if code != exitFailed || out != "" || !strings.Contains(err, "the certificate cannot be written, so nothing was compared") {
			t.Errorf("%s: %d %s%s", path, code, out, err)
		}
	}
}

func TestAskingWhetherAFileMayBeWrittenLeavesItAsItIs(t *testing.T) {
	dir := t.TempDir()
	there, fresh := filepath.Join(dir, "there"), filepath.Join(dir, "fresh")
	if err := os.WriteFile(there, []byte("signed"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{"", there, fresh, os.DevNull} {
		if err := mayWrite(path); err != nil {
			t.Error(path, err)
		}
	}
	text, err := os.ReadFile(there)
	list, _ := os.ReadDir(dir)
	if string(text) != "signed" || err != nil || len(list) != 1 {
		t.Errorf("%q, %v, %d files", text, err, len(list))
	}
}
