package validate

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/ficushealth/ficus/fault"
	"github.com/ficushealth/ficus/fhir"
	"github.com/ficushealth/ficus/fhir/term"
	"github.com/ficushealth/ficus/fhir/xml"
	"github.com/ficushealth/ficus/suites"
)

// officialCase is one case of the official validator suite: a file, how it is run, and the outcome of the reference
// validator.
type officialCase struct {
	Name, File, Version, Java string
	Profiles, Supporting      []string
	Packages                  []string
	Supporting5               []string
	Security                  json.RawMessage `json:"security-checks"`
	NoHTML                    bool            `json:"noHtmlInMarkdown"`
	Examples                  json.RawMessage `json:"examples"`
	Contains                  string          `json:"validateContains"`
	Publication               json.RawMessage `json:"for-publication"`
	Profile                   *struct {
		Source, Java string
		Supporting   []string
	}
}

// TestSuiteValidatorCases runs every R4 case of the official suite of the validator. A case agrees when both find an error
// or neither does. Those that do not are listed with their reason in testdata/disagree.txt; of all, 95% must agree.
func TestSuiteValidatorCases(t *testing.T) {
	dir := suites.Path(t, "fhir-validator-cases")
	var manifest struct {
		Cases []officialCase `json:"test-cases"`
	}
	readJSON(t, filepath.Join(dir, "manifest.json"), &manifest)
	known, agreed, run := reasons(t), 0, 0
	for _, c := range manifest.Cases {
		if !strings.HasPrefix(c.Version, "4.0") || c.File == "" {
			continue
		}
		if missing := c.missing(dir); missing != "" {
			t.Logf("%s not run: %s is not here", c.Name, missing)
			continue
		}
		t.Run(c.Name, func(t *testing.T) {
			run++
			found, official := c.errors(t, dir), c.official(t, dir)
			switch {
			case (len(found) > 0) == official:
				agreed++
			case known[c.Name] != "":
				t.Logf("known to disagree: %s", known[c.Name])
			case official:
				t.Errorf("%s has an error that was not found", c.File)
			default:
				t.Errorf("%s is valid, but: %s", c.File, strings.Join(found, "\n\t"))
			}
		})
	}
	t.Logf("%d of %d agree", agreed, run)
	if run > 0 && agreed*100 < run*95 {
		t.Errorf("only %d of %d agree", agreed, run)
	}
}

// missing names a file or package that the case needs and that is not in the suite.
func (c officialCase) missing(dir string) string {
	for _, name := range []string{c.File, filepath.Join("outcomes", c.outcome())} {
		if _, err := os.Stat(filepath.Join(dir, name)); err != nil {
			return name
		}
	}
	return strings.Join(c.Packages, ", ")
}

func (c officialCase) outcome() string {
	if c.Profile != nil && c.Profile.Java != "" {
		return c.Profile.Java
	}
	return c.Java
}

// files are those with definitions that the case brings.
func (c officialCase) files() []string {
	out := slices.Concat(c.Profiles, c.Supporting, c.Supporting5)
	if c.Profile != nil {
		out = slices.Concat(out, c.Profile.Supporting)
		if c.Profile.Source != "" {
			out = append(out, c.Profile.Source)
		}
	}
	return out
}

func (c officialCase) errors(t *testing.T, dir string) []string {
	definitions := map[string]fhir.Resource{}
	var profiles []string
	for _, name := range c.files() {
		if _, err := os.Stat(filepath.Join(dir, name)); err != nil {
			t.Logf("the definition %s is not here", name)
			continue
		}
		for _, r := range readResources(t, filepath.Join(dir, name), nil) {
			definitions[r.Get("url").Str()] = r
			if c.Profile != nil && name == c.Profile.Source {
				profiles = append(profiles, r.Get("url").Str())
			}
		}
	}
	v := New(c.options(t, definitions))
	var bad []string
	for _, r := range readResources(t, filepath.Join(dir, c.File), &bad) {
		for _, i := range v.Check(r, profiles...) {
			if !i.Warning {
				bad = append(bad, i.Code+" "+i.Expression+": "+i.Text)
			}
		}
	}
	return bad
}

// options are those of the case, in the words of the manifest.
func (c officialCase) options(t *testing.T, definitions map[string]fhir.Resource) Options {
	known := func(url string) (fhir.Resource, bool) {
		url, _, _ = strings.Cut(url, "|")
		r, ok := definitions[url]
		return r, ok
	}
	return Options{
		Strict: true, Markup: says(c.Security), MarkdownMarkup: c.NoHTML, NoExamples: string(c.Examples) == "false",
		SkipContained: c.Contains == "IGNORE", Publication: says(c.Publication), Terms: openTerms(t),
		Definitions: known, Questionnaires: known,
	}
}

func says(option json.RawMessage) bool { return strings.Trim(string(option), `"`) == "true" }

// openTerms is what R4 publishes and the code systems that anyone may load.
func openTerms(t *testing.T) term.Library {
	shelf := oneSystem{}
	dir := filepath.Join(filepath.Dir(suites.Path(t, "fhir-validator-cases")), "terminology-open", "CodeSystem-cvx.json")
	if _, err := os.Stat(dir); err != nil {
		return term.Base()
	}
	for _, r := range readResources(t, dir, nil) {
		cs, err := term.ReadCodeSystem(r)
		if err != nil {
			t.Fatal(err)
		}
		shelf[cs.URL] = cs
	}
	return term.Both(shelf, term.Base())
}

type oneSystem map[string]*term.CodeSystem

func (s oneSystem) CodeSystem(url string) (*term.CodeSystem, error) {
	url, _, _ = strings.Cut(url, "|")
	return s[url], nil
}
func (s oneSystem) ValueSet(string) (*term.ValueSet, error) { return nil, nil }

// readResources reads a file of JSON, XML or lines of JSON; what is wrong with it as such is added to bad.
func readResources(t *testing.T, name string, bad *[]string) []fhir.Resource {
	raw, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	texts := [][]byte{raw}
	if strings.HasSuffix(name, ".ndjson") {
		texts = bytes.Split(bytes.TrimSpace(raw), []byte("\n"))
	}
	var out []fhir.Resource
	for _, text := range texts {
		read := fhir.Parse
		if strings.HasSuffix(name, ".xml") {
			read = xml.Parse
		}
		r, err := read(text, fhir.Limits{})
		switch {
		case err == nil:
			out = append(out, r)
		case bad != nil:
			*bad = append(*bad, fault.Find(err).Text)
		default:
			t.Fatalf("%s: %v", name, err)
		}
	}
	return out
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

// official says whether the reference validator found an error.
func (c officialCase) official(t *testing.T, dir string) bool {
	t.Helper()
	var outcome struct {
		Issue []struct{ Severity string }
	}
	readJSON(t, filepath.Join(dir, "outcomes", c.outcome()), &outcome)
	return slices.ContainsFunc(outcome.Issue, func(i struct{ Severity string }) bool { return i.Severity == "error" || i.Severity == "fatal" })
}

// reasons are the lines of testdata/disagree.txt: name of the case, reason.
func reasons(t *testing.T) map[string]string {
	raw, err := os.ReadFile("testdata/disagree.txt")
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]string{}
	for line := range strings.Lines(string(raw)) {
		if name, reason, ok := strings.Cut(strings.TrimSpace(line), "\t"); ok {
			out[name] = reason
		}
	}
	return out
}
