package app

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/ficushealth/ficus/engine/db/dbtest"
	"github.com/ficushealth/ficus/packs/opal/synth"
	"github.com/ficushealth/ficus/strangler/proof"
	"github.com/ficushealth/ficus/suites"
)

// migration is a place in which migrate commands are run on one database and one dump.
type migration struct {
	*testing.T
	db, key, dump, dir string
}

func newMigration(t *testing.T, db, dump string) *migration {
	t.Helper()
	dir := t.TempDir()
	return &migration{t, db, filepath.Join(dir, "key"), dump, dir}
}

// run runs ficus migrate with arguments and returns the exit code and what it printed.
func (m *migration) run(args ...string) (code int, out, err string) {
	m.Helper()
	return ficus(m.T, append([]string{"migrate"}, args...)...)
}

// on adds the flags for database and source.
func (m *migration) on(args ...string) []string {
	return append(args, "--db", m.db, "--key-file", m.key, "--pack", "opal", "--source", "dump:"+m.dump, "--stage-dir", filepath.Join(m.dir, "stage"))
}

// at adds the flags for the database alone.
func (m *migration) at(args ...string) []string {
	return append(args, "--db", m.db, "--key-file", m.key)
}

// done runs a command that must succeed, and returns what it printed.
func (m *migration) done(args ...string) string {
	m.Helper()
	code, out, err := m.run(args...)
	if code != exitDone {
		m.Fatalf("%v: exit %d\n%s%s", args[0], code, out, err)
	}
	return out
}

func (m *migration) certificate() proof.Certificate {
	m.Helper()
	path := filepath.Join(m.dir, "certificate.json")
	m.done(m.on("verify", "--certificate", path)...)
	doc, err := os.ReadFile(path)
	if err != nil {
		m.Fatal(err)
	}
	var c proof.Certificate
	if err := json.Unmarshal(doc, &c); err != nil {
		m.Fatal(err)
	}
	return c
}

// TestOpalDBIsMoved is the run of the real dump. What is expected of it are the numbers of its SOURCE.txt, and those that
// grep counts in it.
func TestOpalDBIsMoved(t *testing.T) {
	dump := suites.Path(t, "legacy-opaldb", "opal-legacy-omi-test.sql.gz")
	dbtest.BothURLs(t, func(t *testing.T, url string) {
		m := newMigration(t, url, dump)
		plan := m.done("plan", "--pack", "opal", "--source", "dump:"+dump, "--stage-dir", filepath.Join(m.dir, "stage"))
		if !strings.Contains(plan, "The plan can be run.") || !strings.Contains(plan, "QuestionnaireDB.dictionary") {
			t.Error(plan)
		}
		m.done(m.on("run")...)
		c := m.certificate()
		want := map[string]int64{
			"OpalDB.Patient": 10, "OpalDB.PatientTestResult": 6298, "OpalDB.Doctor": 901, "OpalDB.Appointment": 191, "OpalDB.SecurityQuestion": 12,
		}
		for _, x := range c.Tables {
			if n, ok := want[x.Name]; ok && (x.Source != n || x.Mapped != n) || x.Source != x.Mapped+x.Filtered+x.Quarantined {
				t.Errorf("%+v", x)
			}
			delete(want, x.Name)
		}
		if len(want) > 0 || c.Differences != 0 || c.Roots.Source != c.Roots.Target || len(c.Tables)+len(c.Uncovered) != 141+56+29 {
			t.Errorf("%v are missing; %d differences, %d tables", want, c.Differences, len(c.Tables)+len(c.Uncovered))
		}
		if out := m.done(m.on("run")...); !strings.Contains(out, "0 resources and records written") {
			t.Error(out)
		}
		if out := m.done(m.at("status")...); !strings.Contains(out, "Run 2 of pack opal") {
			t.Error(out)
		}
		m.done(m.at("certificate", "verify", filepath.Join(m.dir, "certificate.json"))...)
	})
}

// synthetic writes a made-up dump.
func synthetic(t *testing.T, opt synth.Options) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "opal.sql")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close() //nolint:errcheck // a test's
	if _, err := synth.Dump(f, opt); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestEveryTrapIsMovedAndProved(t *testing.T) {
	dbtest.BothURLs(t, func(t *testing.T, url string) {
		m := newMigration(t, url, synthetic(t, synth.Options{Patients: 60, Results: 10, Appointments: 5}))
		m.done(m.on("run")...)
		if c := m.certificate(); c.Differences != 0 {
			t.Errorf("%+v", c.Differing)
		}
		if out := m.done(m.at("quarantine", "list")...); out == "" {
			t.Error("the list says nothing")
		}
	})
}

func TestACertificateThatWasChangedIsRefused(t *testing.T) {
	m := newMigration(t, dbtest.SQLiteURL(t), synthetic(t, synth.Options{Patients: 3, Results: 2, Appointments: 1}))
	m.done(m.on("run")...)
	m.certificate()
	path := filepath.Join(m.dir, "certificate.json")
	doc, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	changed := strings.Replace(string(doc), `"differences": 0`, `"differences": 1`, 1)
	if err := os.WriteFile(path, []byte(changed), 0o600); err != nil {
		t.Fatal(err)
	}
	if code, _, err := m.run("certificate", "verify", path); code != exitFailed || !strings.Contains(err, "the signature does not fit") {
		t.Error(code, err)
	}
	if err := os.WriteFile(path, doc, 0o600); err != nil {
		t.Fatal(err)
	}
	other := newMigration(t, dbtest.SQLiteURL(t), m.dump)
	other.done(other.on("run")...)
	if code, _, err := other.run(other.at("certificate", "verify", path)...); code != exitFailed || !strings.Contains(err, "another installation") {
		t.Error(code, err)
	}
}

func TestWhatMigrateRefuses(t *testing.T) {
	whole, err := os.ReadFile(synthetic(t, synth.Options{Patients: 3, Results: 2, Appointments: 1}))
	if err != nil {
		t.Fatal(err)
	}
	text := string(whole)
	for name, x := range map[string]struct{ dump, want string }{
		"truncated":      {text[:len(text)*2/3], "line "},
		"unknown column": {strings.Replace(text, "`FirstName`", "`Vorname`", 1), "Vorname"},
		"no dump at all": {"hello", "dump"},
		"empty":          {"", "dump"},
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "opal.sql")
			if err := os.WriteFile(path, []byte(x.dump), 0o600); err != nil {
				t.Fatal(err)
			}
			m := newMigration(t, dbtest.SQLiteURL(t), path)
			for _, command := range []string{"plan", "run", "verify"} {
				args := m.on(command)
				if command == "plan" {
					args = []string{command, "--pack", "opal", "--source", "dump:" + path, "--stage-dir", m.dir}
				}
				want := x.want
				if command == "verify" {
					want = "there is no database" // before the dump is looked at
				}
				code, out, err := m.run(args...)
				if code != exitFailed || !strings.Contains(out+err, want) {
					t.Errorf("%s: exit %d, %s%s", command, code, out, err)
				}
			}
		})
	}
}

func TestMigrateSaysWhatIsMissing(t *testing.T) {
	dump := synthetic(t, synth.Options{Patients: 1, Results: 1, Appointments: 1})
	m := newMigration(t, dbtest.SQLiteURL(t), dump)
	for _, x := range []struct {
		args []string
		code int
		want string
	}{
		{m.on("verify"), exitFailed, "there is no database"},
		{append(m.on("run"), "--pack", "nopack"), exitUsage, "there is no pack"},
		{append(m.on("run"), "--source", "mysql:x"), exitUsage, "dump:PATH"},
		{append(m.on("run"), "--source", "dump:/nowhere.sql"), exitFailed, "nowhere.sql"},
		{append(m.on("run"), "--db", "postgres://127.0.0.1:1/none"), exitFailed, "reached"},
		{append(m.on("run"), "--space", "x"), exitUsage, "no UUID"},
		{[]string{"lint", "--pack", t.TempDir()}, exitFailed, "pack.yaml"},
	} {
		code, _, err := m.run(x.args...)
		if code != x.code || !strings.Contains(err, x.want) {
			t.Errorf("%v: exit %d, %s", x.args[0], code, err)
		}
	}
	if out := m.done("lint", "--pack", "opal"); !strings.Contains(out, "nothing is wrong") {
		t.Error(out)
	}
}

// TestQuarantineShowsAndReveals moves a dump in which one patient has an unknown sex.
func TestQuarantineShowsAndReveals(t *testing.T) {
	dbtest.BothURLs(t, func(t *testing.T, url string) {
		dump := synthetic(t, synth.Options{Patients: 4, Results: 2, Appointments: 1})
		text, err := os.ReadFile(dump)
		if err != nil {
			t.Fatal(err)
		}
		broken := strings.Replace(string(text), "'male'", "'Martian'", 1)
		if broken == string(text) {
			broken = strings.Replace(string(text), "'Male'", "'Martian'", 1)
		}
		if err := os.WriteFile(dump, []byte(broken), 0o600); err != nil {
			t.Fatal(err)
		}
		m := newMigration(t, url, dump)
		if plan := m.done("plan", "--pack", "opal", "--source", "dump:"+dump, "--stage-dir", m.dir); !strings.Contains(plan, "Codes without a meaning") ||
			!strings.Contains(plan, `unmapped "Martian"`) || !strings.Contains(plan, "% of ") {
			t.Error(plan)
		}
		m.done(m.on("run")...)
		list := m.done(m.at("quarantine", "list")...)
		if !strings.Contains(list, "OpalDB.Patient.Sex") || strings.Contains(m.done(m.at("quarantine", "show", "1")...), "Martian\"") {
			t.Error(list)
		}
		if out := m.done(m.at("quarantine", "show", "1", "--reveal")...); !strings.Contains(out, `Sex: "Martian"`) {
			t.Error(out)
		}
		if code, _, err := m.run(m.at("quarantine", "show", "77")...); code != exitFailed || !strings.Contains(err, "nothing in quarantine has the number 77") {
			t.Error(code, err)
		}
		if out := m.done(m.on("quarantine", "retry")...); !strings.Contains(out, "0 taken, 1 still in quarantine (1)") {
			t.Error(out)
		}
		if c := m.certificate(); c.Differences != 0 {
			t.Errorf("%+v", c.Differing)
		}
		if code, out, err := ficus(t, "audit", "verify", "--db", m.db, "--key-file", m.key); code != exitDone {
			t.Error(code, out, err)
		}
	})
}
