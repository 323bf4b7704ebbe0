package app

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
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

func benchOn(t *testing.T, binary, url string) {
	report, long := filepath.Join(t.TempDir(), "report.json"), "4s"
	if testing.Short() {
		long = "1s"
	}
	out, err := exec.Command(binary, "bench", "--db", url, "--patients", "3", "--time", long, "--rounds", "1", "--writers", "4", "--readers", "4", "--json", report).CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
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
