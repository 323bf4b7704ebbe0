package validate

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/ficushealth/ficus/fault"
	"github.com/ficushealth/ficus/fhir"
	"github.com/ficushealth/ficus/fhir/term"
	"github.com/ficushealth/ficus/fhir/xml"
	"github.com/ficushealth/ficus/suites"
)

// officialCase is one case of the official validator suite in the words of its manifest: a file, how it is run, and the
// outcome of the reference validator. A member that has not the form expected of it counts as not there.
type officialCase map[string]json.RawMessage

func (c officialCase) text(name string) string {
	var out string
	_ = json.Unmarshal(c[name], &out)
	return out
}

func (c officialCase) texts(name string) []string {
	var out []string
	_ = json.Unmarshal(c[name], &out)
	return out
}

func (c officialCase) part(name string) officialCase {
	var out officialCase
	_ = json.Unmarshal(c[name], &out)
	return out
}

func (c officialCase) name() string { return c.text("name") }

// TestSuiteValidatorCases runs every R4 case of the official suite of the validator. A case agrees when both find an error
// or neither does. Those that do not are listed with their reason in testdata/disagree.txt; of all, 95% must agree.
func TestSuiteValidatorCases(t *testing.T) {
	dir := suites.Path(t, "fhir-validator-cases")
	var manifest struct {
		Cases []officialCase `json:"test-cases"`
	}
	readJSON(t, filepath.Join(dir, "manifest.json"), &manifest)
	known, terms, agreed, run := reasons(t), openTerms(t), 0, 0
	for _, c := range manifest.Cases {
		if !strings.HasPrefix(c.text("version"), "4.0") || c.text("file") == "" {
			continue
		}
		if reason := c.beyond(dir); reason != "" {
			t.Logf("%s not run: %s", c.name(), reason)
			continue
		}
		t.Run(c.name(), func(t *testing.T) {
			run++
			found, official := c.errors(t, dir, terms), c.official(t, dir)
			switch {
			case (len(found) > 0) == official:
				agreed++
			case known[c.name()] != "":
				t.Logf("known to disagree: %s", known[c.name()])
			case official:
				t.Errorf("%s has an error that was not found", c.text("file"))
			default:
				t.Errorf("%s is valid, but: %s", c.text("file"), strings.Join(found, "\n\t"))
			}
		})
	}
	t.Logf("%d of %d agree", agreed, run)
	if run > 0 && agreed*100 < run*95 {
		t.Errorf("only %d of %d agree", agreed, run)
	}
}

// beyond says why a case cannot be run: what it needs is not in the suite, or it asks for something other than to
// validate FHIR R4 as the specification writes it. It is "" for all others.
func (c officialCase) beyond(dir string) string {
	for _, name := range []string{c.text("file"), c.outcome()} {
		if name == "" || strings.HasPrefix(name, "{") {
			continue
		}
		if _, err := os.Stat(filepath.Join(dir, name)); err != nil {
			return name + " is not here"
		}
	}
	switch packages := slices.Concat(c.texts("packages"), c.part("profile").texts("packages")); {
	case len(packages) > 0:
		return strings.Join(packages, ", ") + " is not here"
	case c.outcome() == "":
		return "it has no official outcome"
	case says(c["allow-comments"]):
		return "it allows comments in JSON, which FHIR does not"
	case !slices.Contains(formats, filepath.Ext(c.text("file"))):
		return "the file is neither JSON nor XML"
	}
	return ""
}

var formats = []string{".json", ".xml", ".ndjson"}

// outcome is the file with the official outcome, or the outcome itself where the manifest holds it.
func (c officialCase) outcome() string {
	for _, at := range []officialCase{c.part("profile"), c} {
		switch name := at.text("java"); {
		case name != "":
			return filepath.Join("outcomes", name)
		case len(at["java"]) > 0:
			return string(at["java"])
		}
	}
	return ""
}

// files are those with definitions that the case brings.
func (c officialCase) files() []string {
	out := slices.Concat(c.texts("profiles"), c.texts("supporting"), c.texts("supporting5"), c.part("profile").texts("supporting"))
	if source := c.part("profile").text("source"); source != "" {
		out = append(out, source)
	}
	return out
}

func (c officialCase) errors(t *testing.T, dir string, terms term.Library) []string {
	definitions := map[string]fhir.Resource{}
	var profiles []string
	for _, name := range c.files() {
		if _, err := os.Stat(filepath.Join(dir, name)); err != nil || !slices.Contains(formats, filepath.Ext(name)) {
			t.Logf("the definition %s is not here", name)
			continue
		}
		var unread []string
		for _, r := range readResources(t, filepath.Join(dir, name), &unread) {
			definitions[r.Get("url").Str()] = r
			if name == c.part("profile").text("source") {
				profiles = append(profiles, r.Get("url").Str())
			}
		}
		for _, why := range unread {
			t.Logf("the definition %s cannot be read: %s", name, why)
		}
	}
	v := New(c.options(definitions, terms))
	var bad []string
	for _, r := range readResources(t, filepath.Join(dir, c.text("file")), &bad) {
		for _, i := range checked(t, v, r, profiles...) {
			if !i.Warning {
				bad = append(bad, i.Code+" "+i.Expression+": "+i.Text)
			}
		}
	}
	return bad
}

// options are those of the case, in the words of the manifest.
func (c officialCase) options(definitions map[string]fhir.Resource, terms term.Library) Options {
	known := func(url string) (fhir.Resource, bool) {
		url, _, _ = strings.Cut(url, "|")
		r, ok := definitions[url]
		return r, ok
	}
	return Options{
		Strict: true, Markup: says(c["security-checks"]), MarkdownMarkup: says(c["noHtmlInMarkdown"]), NoExamples: string(c["examples"]) == "false",
		SkipContained: c.text("validateContains") == "IGNORE", Publication: says(c["for-publication"]),
		Terms: term.Both(brought{definitions}, terms), Definitions: known, Questionnaires: known,
	}
}

// brought is the terminology among the definitions of a case.
type brought struct{ definitions map[string]fhir.Resource }

func (b brought) find(canonical, resourceType string) (fhir.Resource, bool) {
	url, _, _ := strings.Cut(canonical, "|")
	r, ok := b.definitions[url]
	return r, ok && r.Type() == resourceType
}

func (b brought) CodeSystem(canonical string) (*term.CodeSystem, error) {
	if r, ok := b.find(canonical, "CodeSystem"); ok {
		return term.ReadCodeSystem(r)
	}
	return nil, nil
}

func (b brought) ValueSet(canonical string) (*term.ValueSet, error) {
	if r, ok := b.find(canonical, "ValueSet"); ok {
		return term.ReadValueSet(r)
	}
	return nil, nil
}

func says(option json.RawMessage) bool { return strings.Trim(string(option), `"`) == "true" }

// openTerms is what R4 publishes, the terminology that HL7 maintains apart from it, and the code systems that anyone may
// load.
func openTerms(t *testing.T) term.Library {
	beside := brought{maintained(t)}
	dir := filepath.Join(filepath.Dir(suites.Path(t, "fhir-validator-cases")), "terminology-open", "CodeSystem-cvx.json")
	if _, err := os.Stat(dir); err == nil {
		for _, r := range readResources(t, dir, nil) {
			beside.definitions[r.Get("url").Str()] = r
		}
	}
	return term.Both(&kept{Library: beside}, term.Base())
}

// maintained are the code systems and value sets of the package hl7.terminology, if it is among the suites.
func maintained(t *testing.T) map[string]fhir.Resource {
	out := map[string]fhir.Resource{}
	const name = "hl7.terminology.r4-7.0.1.tgz"
	dir := filepath.Dir(suites.Path(t, "fhir-validator-cases"))
	if _, err := os.Stat(filepath.Join(dir, "fhir-r4-definitions", name)); err != nil {
		return out
	}
	for file, text := range suites.Package(t, "fhir-r4-definitions", name) {
		if !strings.HasPrefix(file, "CodeSystem-") && !strings.HasPrefix(file, "ValueSet-") {
			continue
		}
		if r, err := fhir.Parse(text, fhir.Limits{}); err == nil {
			out[r.Get("url").Str()] = r
		}
	}
	return out
}

// kept reads each definition once.
type kept struct {
	term.Library
	systems, sets sync.Map
}

func (k *kept) CodeSystem(canonical string) (*term.CodeSystem, error) {
	return once(&k.systems, canonical, k.Library.CodeSystem)
}

func (k *kept) ValueSet(canonical string) (*term.ValueSet, error) {
	return once(&k.sets, canonical, k.Library.ValueSet)
}

func once[T any](known *sync.Map, canonical string, read func(string) (*T, error)) (*T, error) {
	if v, ok := known.Load(canonical); ok {
		return v.(*T), nil
	}
	v, err := read(canonical)
	if err == nil {
		known.Store(canonical, v)
	}
	return v, err
}

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

// official says whether the reference validator found an error: by its outcome, or by the number that the manifest has.
func (c officialCase) official(t *testing.T, dir string) bool {
	t.Helper()
	var said struct {
		Issue   []struct{ Severity string }
		Outcome struct{ Issue []struct{ Severity string } }
		Count   int `json:"errorCount"`
	}
	if name := c.outcome(); !strings.HasPrefix(name, "{") {
		readJSON(t, filepath.Join(dir, name), &said)
	} else if err := json.Unmarshal([]byte(name), &said); err != nil {
		t.Fatal(err)
	}
	return said.Count > 0 || slices.ContainsFunc(slices.Concat(said.Issue, said.Outcome.Issue), func(i struct{ Severity string }) bool {
		return i.Severity == "error" || i.Severity == "fatal"
	})
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

func TestAnOfficialCaseIsReadInWhateverFormItComes(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "a.json"), []byte(`{"resourceType":"Basic"}`), 0o600); err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string]string{
		`{"file":"a.json","java":{"errorCount":1},"supporting":"x"}`:            "",
		`{"file":"a.json","java":{"outcome":{"issue":[{"severity":"error"}]}}}`: "",
		`{"file":"a.json"}`:                                   "it has no official outcome",
		`{"file":"b.json","java":{}}`:                         "b.json is not here",
		`{"file":"a.json","java":"none.json"}`:                "outcomes/none.json is not here",
		`{"file":"a.json","java":{},"packages":["x#1"]}`:      "x#1 is not here",
		`{"file":"a.json","java":{},"allow-comments":"true"}`: "it allows comments in JSON, which FHIR does not",
	} {
		var c officialCase
		if err := json.Unmarshal([]byte(text), &c); err != nil {
			t.Fatal(err)
		}
		if got := c.beyond(dir); got != want {
			t.Errorf("%s is not run because %q, want %q", text, got, want)
		}
		if want == "" && !c.official(t, dir) {
			t.Errorf("%s: the error of the outcome was not read", text)
		}
	}
}
