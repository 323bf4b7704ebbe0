package validate

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/ficushealth/ficus/fhir"
	"github.com/ficushealth/ficus/suites"
)

// officialCase is one case of the official validator suite with its outcome.
type officialCase struct{ Name, File, Java string }

// lenient are cases that the official validator ran with a rule switched off by an option.
var lenient = map[string]string{"contained-resource-bad-id-ignore": "run without looking at contained resources"}

// The official suite asks for more than the base structure (invariants, profiles, terminology), so that errors are missed
// here is expected and only counted. What it finds valid must be valid here.
func TestOfficialCases(t *testing.T) {
	dir := suites.Path(t, "fhir-validator-cases")
	var manifest struct {
		Cases []officialCase `json:"test-cases"`
	}
	readJSON(t, filepath.Join(dir, "manifest.json"), &manifest)
	agreed, missed := 0, []string{}
	for _, c := range manifest.Cases {
		if !strings.HasSuffix(c.File, ".json") {
			continue
		}
		found, official := errorsIn(t, filepath.Join(dir, c.File)), officialErrors(t, filepath.Join(dir, "outcomes", c.Java))
		switch {
		case (len(found) > 0) == official:
			agreed++
		case official:
			missed = append(missed, c.Name)
		case lenient[c.Name] == "":
			t.Errorf("%s is valid, but: %v", c.Name, found)
		}
	}
	t.Logf("%d agree, %d have errors that the base structure does not show: %v", agreed, len(missed), missed)
}

func readJSON(t *testing.T, name string, into any) {
	t.Helper()
	raw, err := os.ReadFile(name)
	if err == nil {
		err = json.Unmarshal(raw, into)
	}
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
}

func errorsIn(t *testing.T, name string) []string {
	t.Helper()
	raw, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	r, err := fhir.Parse(raw, fhir.Limits{})
	if err != nil {
		return []string{err.Error()}
	}
	var out []string
	for _, i := range Base(r) {
		out = append(out, i.Code+" "+i.Expression+": "+i.Text)
	}
	return out
}

func officialErrors(t *testing.T, name string) bool {
	t.Helper()
	var outcome struct {
		Issue []struct{ Severity string }
	}
	readJSON(t, name, &outcome)
	return slices.ContainsFunc(outcome.Issue, func(i struct{ Severity string }) bool { return i.Severity == "error" || i.Severity == "fatal" })
}
