package app

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/ficushealth/ficus/care/accounts"
	"github.com/ficushealth/ficus/engine/db"
	"github.com/ficushealth/ficus/engine/db/dbtest"
	"github.com/ficushealth/ficus/packs/opal/synth"
	"github.com/ficushealth/ficus/strangler/proof"
)

// TestADamagedRecordIsADifferenceOfTheCertificate damages a sealed answer behind the store's back.
func TestADamagedRecordIsADifferenceOfTheCertificate(t *testing.T) {
	dbtest.BothURLs(t, func(t *testing.T, url string) {
		m := newMigration(t, url, synthetic(t, synth.Options{Patients: 20, Results: 2, Appointments: 1}))
		m.done(m.on("run")...)
		d, err := db.Open(t.Context(), url, db.Options{})
		if err != nil {
			t.Fatal(err)
		}
		n, err := d.Exec(t.Context(), db.Same(`UPDATE caregivers_answer SET answer = $1 WHERE id = (SELECT min(id) FROM caregivers_answer)`), []byte{0})
		if err != nil || n != 1 {
			t.Fatal(n, err)
		}
		if err := d.Close(); err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(m.dir, "certificate.json")
		code, out, fault := m.run(m.on("verify", "--certificate", path)...)
		if code != exitFailed || !strings.Contains(out, "OpalDB.SecurityAnswer") || !strings.Contains(out, "what is stored cannot be opened") {
			t.Error(code, out, fault)
		}
		doc, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		var c proof.Certificate
		if err := json.Unmarshal(doc, &c); err != nil || c.Differences == 0 || c.Differing[0].Table != "OpalDB.SecurityAnswer" || c.Differing[0].Key == "" {
			t.Errorf("%v %+v", err, c.Differing)
		}
	})
}

// TestFlagsMayBeCopied gives all commands of a move the flags of run.
func TestFlagsMayBeCopied(t *testing.T) {
	m := newMigration(t, dbtest.SQLiteURL(t), synthetic(t, synth.Options{Patients: 5, Results: 2, Appointments: 1}))
	m.done(m.on("plan")...)
	run := m.done(m.on("run")...)
	again := m.done(m.on("run")...)
	status := m.done(m.on("status")...)
	m.done(m.on("quarantine", "list")...)
	path := filepath.Join(m.dir, "c.json")
	m.done(m.on("verify", "--certificate", path)...)
	if out := m.done(m.on("certificate", "verify", path)...); strings.Contains(out, "was not checked") {
		t.Error(out)
	}
	if out := m.done("certificate", "verify", path); !strings.Contains(out, "was not checked") {
		t.Error(out)
	}
	numbers := regexp.MustCompile(`[\d,]+ rows of root tables, [\d,]+ unchanged, [\d,]+ resources and records written`)
	want := []string{numbers.FindString(run), numbers.FindString(again)}
	if got := numbers.FindAllString(status, -1); want[0] == "" || strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("run said %q, status says %q", want, got)
	}
}

func TestApprovalsAreOfTablesAndReasons(t *testing.T) {
	m := newMigration(t, dbtest.SQLiteURL(t), synthetic(t, synth.Options{Patients: 2, Results: 1, Appointments: 1}))
	for approval, want := range map[string]string{"Foo": "no table Foo", "OpalDB.Patient:whim": `no reason "whim"`, "OpalDB.Patient:placeholder-row": ""} {
		for _, command := range []string{"plan", "run"} {
			code, _, err := m.run(m.on(command, "--approve", approval)...)
			if want != "" && (code != exitUsage || !strings.Contains(err, want)) || want == "" && code != exitDone {
				t.Errorf("%s %s: %d %s", command, approval, code, err)
			}
		}
	}
}

func TestAMoveUnderWayIsNotTakenOverUnasked(t *testing.T) {
	m := newMigration(t, dbtest.PostgresURL(t), synthetic(t, synth.Options{Patients: 2, Results: 1, Appointments: 1}))
	m.done(m.on("run")...)
	a := &Tenancy{&App{Config: Config{Database: Database{DB: m.db}.withDefaults()}}, accounts.First}
	release, err := a.alone(t.Context(), "opal", false)
	if err != nil {
		t.Fatal(err)
	}
	for _, command := range [][]string{{"run"}, {"quarantine", "retry"}} {
		if code, _, err := m.run(m.on(command...)...); code != exitFailed || !strings.Contains(err, "another ficus process is moving") {
			t.Error(command, code, err)
		}
	}
	m.done(m.on("run", "--take-over")...)
	release()
	m.done(m.on("run")...)
}

// TestAMistakeIsSaidOnce counts how often the text of a mistake is printed.
func TestAMistakeIsSaidOnce(t *testing.T) {
	dump := filepath.Join(t.TempDir(), "twin.sql")
	text := "-- MySQL dump 10.13\nCREATE DATABASE `OpalDB`;\nUSE `OpalDB`;\nCREATE TABLE `Doctor` (`DoctorSerNum` int NOT NULL, PRIMARY KEY (`DoctorSerNum`));\n" +
		"INSERT INTO `Doctor` VALUES (424242),(%);\n-- Dump completed\n"
	m := newMigration(t, dbtest.SQLiteURL(t), dump)
	t.Run("unmapped columns", func(t *testing.T) {
		if err := os.WriteFile(dump, []byte(strings.NewReplacer("(424242),(%)", "(1,1),(2,2)", "NOT NULL,", "NOT NULL, `Foo` int,").Replace(text)), 0o600); err != nil {
			t.Fatal(err)
		}
		_, out, _ := m.run(m.on("plan")...)
		if !regexp.MustCompile(`OpalDB.Doctor +2 +0 +0 +0 +0 +1 `).MatchString(out) {
			t.Error(out)
		}
	})
	for second, want := range map[string]string{"424242": "has the key of an earlier one", "424243": "no column Email"} {
		if err := os.WriteFile(dump, []byte(strings.Replace(text, "%", second, 1)), 0o600); err != nil {
			t.Fatal(err)
		}
		for _, command := range []string{"plan", "run"} {
			code, out, err := m.run(m.on(command)...)
			if code != exitFailed || strings.Count(out+err, want) != 1 || strings.Contains(out+err, "424242") {
				t.Errorf("%s: %d\n%s%s", command, code, out, err)
			}
		}
	}
}

func TestLoadSaysWhatIsWrong(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "p.json.gz")
	if err := os.WriteFile(path, []byte("no gzip"), 0o600); err != nil {
		t.Fatal(err)
	}
	for line, want := range map[string]struct {
		code  int
		words string
	}{
		"--db sqlite:" + dir + "/a.db": {exitFailed, "it cannot be unpacked: it is not .gz"},
		"--to notaurl":                 {exitUsage, "not the address of a server"},
		"--to ftp://x/fhir":            {exitUsage, "not the address of a server"},
	} {
		if code, _, err := ficus(t, append([]string{"load", path}, strings.Fields(line)...)...); code != want.code || !strings.Contains(err, want.words) {
			t.Errorf("%s: %d %s", line, code, err)
		}
	}
}
