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

// TestVerifyNamesWhatRepairsTheIndex loses rows of the index, repairs them by the command that the proof names, and proves again.
func TestVerifyNamesWhatRepairsTheIndex(t *testing.T) {
	m := newMigration(t, dbtest.SQLiteURL(t), synthetic(t, synth.Options{Patients: 1, Results: 1, Appointments: 1}))
	m.done(m.on("run")...)
	err := administer(t.Context(), Place{Database: Database{DB: m.db, KeyFile: m.key}}, func(a *Tenancy) error {
		_, err := a.DB.Exec(t.Context(), db.Same(`DELETE FROM ix_date`))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if code, out, _ := m.run(m.on("verify")...); code != exitFailed || !strings.Contains(out, "ficus admin index repair mends them") {
		t.Error(code, out)
	}
	if code, out, err := ficus(t, "admin", "index", "repair", "--db", m.db, "--key-file", m.key); code != exitDone {
		t.Error(code, out, err)
	}
	if out := m.done(m.on("verify")...); strings.Contains(out, "admin index") {
		t.Error(out)
	}
}
