package app

import (
	"encoding/json"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/ficushealth/ficus/bench"
	"github.com/ficushealth/ficus/engine/db/dbtest"
)

// TestBenchMeasuresBothServersWithoutAnError runs the command as a user does, very shortly.
func TestBenchMeasuresBothServersWithoutAnError(t *testing.T) {
	binary := filepath.Join(t.TempDir(), "ficus")
	if out, err := exec.Command("go", "build", "-o", binary, "../cmd/ficus").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	t.Run("sqlite", func(t *testing.T) { benchOn(t, binary, "sqlite") })
	t.Run("postgres", func(t *testing.T) { benchOn(t, binary, dbtest.PostgresURL(t)) })
}

// TestBenchRefusesWhatCannotBeMeasured before it fills anything: the folder for the databases stays empty.
func TestBenchRefusesWhatCannotBeMeasured(t *testing.T) {
	for args, want := range map[string]string{
		"--only=zzz":                     "--only=zzz is the beginning of no workload's name; there are create, update",
		"--readers=0":                    "--readers must be 1 or more",
		"--writers=4,0":                  "--writers must be 1 or more",
		"--patients=0":                   "--patients must be 1 or more",
		"--rounds=0":                     "--rounds must be 1 or more",
		"--time=1s":                      "--time=1s is too short",
		"--against=http://localhost,abc": "--against wants NAME=URL",
	} {
		dir := t.TempDir()
		code, _, err := ficus(t, "bench", "--dir", dir, args)
		left, _ := os.ReadDir(dir)
		if code != exitUsage || !strings.Contains(err, want) || len(left) > 0 {
			t.Errorf("%s: %d %s, %d files", args, code, err, len(left))
		}
	}
}

// TestBenchTakesATokenWithTheAddress: the comma is within the value, as the help says.
func TestBenchTakesATokenWithTheAddress(t *testing.T) {
	var cli CLI
	parser, err := newParser(&cli, Streams{Out: io.Discard, Err: io.Discard})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := parser.Parse([]string{"bench", "--against=a=http://x/fhir,secret", "--against=b=http://y/fhir"}); err != nil {
		t.Fatal(err)
	}
	var all []bench.Contender
	for _, text := range cli.Bench.Run.Against {
		one, err := contender(text)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, one)
	}
	if len(all) != 2 || all[0].Base != "http://x/fhir" || all[0].Token != "secret" || all[1].Name != "b" || all[1].Token != "" {
		t.Errorf("%+v", all)
	}
}

func benchOn(t *testing.T, binary, url string) {
	report, long := filepath.Join(t.TempDir(), "report.json"), "4s"
	if testing.Short() {
		long = "1s"
	}
	out, err := exec.Command(binary, "bench", "--db", url, "--patients", "3", "--time", long, "--rounds", "1", "--writers", "4", "--readers", "4", "--json", report).CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	if strings.Contains(string(out), "password") { // of a database that is gone
		t.Errorf("%s", out)
	}
	text, err := os.ReadFile(report)
	if err != nil {
		t.Fatal(err)
	}
	var r bench.Report
	if err := json.Unmarshal(text, &r); err != nil {
		t.Fatal(err)
	}
	if len(r.Rows) != 11 || r.Errors() != 0 || r.Resources < 400 || r.Contenders[0].Disk["index"] == 0 || r.Contenders[0].Peak == 0 {
		t.Errorf("%s", out)
	}
	for _, row := range r.Rows {
		for _, one := range row.Results {
			if one.Rate <= 0 {
				t.Errorf("%s: %s did nothing", row.Workload, one.Name)
			}
		}
	}
}
