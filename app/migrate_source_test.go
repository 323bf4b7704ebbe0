package app

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/ficushealth/ficus/engine/db/dbtest"
	"github.com/ficushealth/ficus/packs/opal/synth"
)

// rewritten is a dump with its text changed.
func rewritten(t *testing.T, dump string, change func(string) string) string {
	t.Helper()
	text, err := os.ReadFile(dump)
	if err != nil {
		t.Fatal(err)
	}
	changed := change(string(text))
	if changed == string(text) {
		t.Fatal("nothing was changed in the dump")
	}
	path := filepath.Join(t.TempDir(), "changed.sql")
	if err := os.WriteFile(path, []byte(changed), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func withoutUse(s string) string { return strings.Replace(s, "USE `OpalDB`;\n", "", 1) }

func withoutHead(s string) string { return strings.Replace(withoutUse(s), "Database: OpalDB", "", 1) }

// TestADumpThatDoesNotUseItsDatabase is of dumps that were made without --databases.
func TestADumpThatDoesNotUseItsDatabase(t *testing.T) {
	whole := synthetic(t, synth.Options{Patients: 3, Results: 2, Appointments: 1})
	dbtest.BothURLs(t, func(t *testing.T, url string) {
		m := newMigration(t, url, rewritten(t, whole, withoutHead))
		for _, command := range []string{"plan", "run"} {
			code, out, err := m.run(m.on(command)...)
			if code != exitFailed || !strings.Contains(out+err, "the source has no table OpalDB.Patient, but a table Patient of a database that it does not name: name it (--source-database OpalDB)") {
				t.Errorf("%s: exit %d, %s%s", command, code, out, err)
			}
		}
		named := append(m.on(), "--source-database", "OpalDB")
		m.done(append([]string{"run"}, named...)...)
		if out := m.done(append([]string{"verify"}, named...)...); !strings.Contains(out, "\n0 differences") || !strings.Contains(out, "OpalDB.Patient") {
			t.Error(out)
		}
		if code, _, err := m.run(m.on("verify")...); code != exitFailed || !strings.Contains(err, "the source has no table OpalDB.Patient") {
			t.Error(code, err)
		}
		m.dump = rewritten(t, whole, withoutUse) // its head says it
		plan := m.done(m.on("plan")...)
		if m.dump = whole; rowLines(plan) != rowLines(m.done(m.on("plan")...)) {
			t.Error(plan)
		}
	})
}

// rowLines are the names and rows of the covered tables in a plan.
func rowLines(plan string) (out string) {
	for line := range strings.Lines(plan) {
		if f := strings.Fields(line); len(f) > 4 && strings.HasPrefix(line, "OpalDB.") {
			out += strings.Join(f[:5], " ") + "\n"
		}
	}
	return out
}

// TestATableThatIsMissingFromANewerDump: what was moved of it must not be proved away.
func TestATableThatIsMissingFromANewerDump(t *testing.T) {
	dbtest.BothURLs(t, func(t *testing.T, url string) {
		m := newMigration(t, url, synthetic(t, synth.Options{Patients: 3, Results: 2, Appointments: 1}))
		m.done(m.on("run")...)
		m.dump = rewritten(t, m.dump, func(s string) string {
			from := strings.Index(s, "\n--\n-- Table structure for table `PatientTestResult`")
			end := from + 4 + strings.Index(s[from+4:], "\n--\n-- Table structure for table")
			return s[:from] + s[end:]
		})
		for _, command := range []string{"plan", "run", "verify"} {
			code, out, err := m.run(m.on(command)...)
			if code != exitFailed || !strings.Contains(out+err, "schema.yaml:") || !strings.Contains(out+err, "the source has no table OpalDB.PatientTestResult") {
				t.Errorf("%s: exit %d, %s%s", command, code, out, err)
			}
		}
	})
}

// TestTheHowtoWithAMendedDump goes the way of docs/howto/migrate.md with a row that is mended in the legacy database.
func TestTheHowtoWithAMendedDump(t *testing.T) {
	mended := synthetic(t, synth.Options{Patients: 4, Results: 2, Appointments: 1})
	broken := rewritten(t, mended, func(s string) string {
		if !strings.Contains(s, "'Male'") {
			return strings.Replace(s, "'male'", "'Martian'", 1)
		}
		return strings.Replace(s, "'Male'", "'Martian'", 1)
	})
	dbtest.BothURLs(t, func(t *testing.T, url string) {
		m := newMigration(t, url, broken)
		m.done(m.on("run")...)
		if c := m.certificate(); c.Differences != 0 {
			t.Errorf("%+v", c.Differing)
		}
		m.dump = mended
		if code, _, err := m.run(m.on("quarantine", "retry")...); code != exitFailed || !strings.Contains(err, "move this one with ficus migrate run") {
			t.Error(code, err)
		}
		m.dump = broken
		if c := m.certificate(); c.Differences != 0 { // nothing was touched
			t.Errorf("%+v", c.Differing)
		}
		m.dump = mended
		m.done(m.on("run")...)
		if c := m.certificate(); c.Differences != 0 {
			t.Errorf("%+v", c.Differing)
		}
		if out := m.done(m.at("quarantine", "list")...); !strings.Contains(out, "Nothing is in quarantine.") {
			t.Error(out)
		}
	})
}
