package xml

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/ficushealth/ficus/fault"
	"github.com/ficushealth/ficus/fhir"
	"github.com/ficushealth/ficus/suites"
)

// plainJSON is a document without white space, its strings escaped in one way.
func plainJSON(t *testing.T, doc []byte) string {
	t.Helper()
	v, err := fhir.ParseValue(doc, fhir.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	return string(appendPlain(nil, v))
}

// sortedJSON is plainJSON with the members of each object in the order of their names.
func sortedJSON(t *testing.T, doc []byte) string {
	t.Helper()
	var v any
	d := json.NewDecoder(bytes.NewReader(doc))
	d.UseNumber()
	if err := d.Decode(&v); err != nil {
		t.Fatal(err)
	}
	out, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}

func appendPlain(b []byte, v fhir.Value) []byte {
	switch v.Kind() {
	case fhir.String:
		return fhir.AppendString(b, v.Str())
	case fhir.Array:
		b = append(b, '[')
		for i := range v.Len() {
			b = append(appendPlain(b, v.At(i)), ',')
		}
		return append(bytes.TrimSuffix(b, []byte(",")), ']')
	case fhir.Object:
		b = append(b, '{')
		for name, m := range v.Members() {
			b = append(appendPlain(append(fhir.AppendString(b, name), ':'), m), ',')
		}
		return append(bytes.TrimSuffix(b, []byte(",")), '}')
	}
	return append(b, v.Raw()...)
}

func firstDifference(a, b string) string {
	i := 0
	for i < len(a) && i < len(b) && a[i] == b[i] {
		i++
	}
	from := max(0, i-80)
	return "\n" + a[from:min(len(a), i+80)] + "\n" + b[from:min(len(b), i+80)]
}

// TestSuiteExamplesAsXML takes every example of R4 to XML and back: the same bytes but for white
// space. A few examples have their members in no order; XML has one, so of these only the members
// are the same. On the way, encoding/xml and a slow converter must read in the XML what we read.
func TestSuiteExamplesAsXML(t *testing.T) {
	n, disordered := 0, 0
	for name, doc := range suites.Package(t, "fhir-r4-examples", "hl7.fhir.r4.examples-4.0.1.tgz") {
		if testing.Short() && len(doc) > 30_000 {
			continue
		}
		n++
		t.Run(name, func(t *testing.T) {
			r, err := fhir.Parse(doc, fhir.Limits{})
			if err != nil {
				t.Fatal(err)
			}
			there, err := Append(nil, r)
			if err != nil {
				t.Fatal(explain(err))
			}
			back, err := ToJSON(there, fhir.Limits{})
			if err != nil {
				t.Fatal(explain(err))
			}
			want, got := plainJSON(t, doc), plainJSON(t, back)
			if got != want {
				disordered++
				want, got = sortedJSON(t, doc), sortedJSON(t, back)
			}
			if got != want {
				t.Fatal(firstDifference(want, got))
			}
			if len(doc) < 200_000 {
				if slow := slowly(t, there); slow != plainJSON(t, back) {
					t.Fatal(firstDifference(slow, plainJSON(t, back)))
				}
			}
		})
	}
	if n < 4000 || disordered > n/20 {
		t.Errorf("%d examples, %d of them disordered", n, disordered)
	}
}

func explain(err error) string {
	f := fault.Find(err)
	if f == nil || len(f.Issues) == 0 {
		return err.Error()
	}
	i := f.Issues[0]
	return i.Expression + ": " + fhirPlace(i) + i.Text
}

// TestSuiteValidatorFilesAsXML takes the XML files of the validator's cases to JSON and back: the
// same canonical form. What we refuse must not be a case of R4 without an error.
func TestSuiteValidatorFilesAsXML(t *testing.T) {
	dir := suites.Path(t, "fhir-validator-cases")
	files, err := filepath.Glob(filepath.Join(dir, "*.xml"))
	if err != nil {
		t.Fatal(err)
	}
	good := goodByOthers(t, dir)
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			doc, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			r, err := Parse(doc, fhir.Limits{})
			switch {
			case err != nil && good[filepath.Base(file)]:
				t.Fatal(explain(err))
			case err != nil:
				return
			}
			again, err := Append(nil, r)
			if err != nil {
				t.Fatal(explain(err))
			}
			if want, got := canonical(t, doc), canonical(t, again); got != want {
				t.Fatal(firstDifference(want, got))
			}
			if slow := slowly(t, doc); slow != plainJSON(t, r.Raw()) {
				t.Fatal(firstDifference(slow, plainJSON(t, r.Raw())))
			}
		})
	}
}

// goodByOthers names the files in which the official outcome has no error, in any case of R4.
func goodByOthers(t *testing.T, dir string) map[string]bool {
	t.Helper()
	var manifest struct {
		Cases []struct {
			File, Version string
			Java          json.RawMessage
		} `json:"test-cases"`
	}
	read(t, filepath.Join(dir, "manifest.json"), &manifest)
	good, bad := map[string]bool{}, map[string]bool{}
	for _, c := range manifest.Cases {
		var name string
		if json.Unmarshal(c.Java, &name) != nil || !strings.HasPrefix(c.Version, "4.0") {
			continue
		}
		good[c.File] = true
		bad[c.File] = bad[c.File] || hasError(t, filepath.Join(dir, "outcomes", name))
	}
	for name := range bad {
		good[name] = good[name] && !bad[name]
	}
	return good
}

// hasError reads an OperationOutcome. Without one, nothing is said for the file.
func hasError(t *testing.T, path string) bool {
	if _, err := os.Stat(path); err != nil {
		return true
	}
	var outcome struct{ Issue []struct{ Severity string } }
	read(t, path, &outcome)
	for _, i := range outcome.Issue {
		if i.Severity == "error" || i.Severity == "fatal" {
			return true
		}
	}
	return false
}

func read(t *testing.T, path string, into any) {
	t.Helper()
	doc, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(doc, into); err != nil {
		t.Fatal(path, err)
	}
}

// TestSuiteFHIRPathInputsAsXML reads the XML inputs of the FHIRPath tests as the slow converter does. One of them is in
// disorder, another of an older FHIR.
func TestSuiteFHIRPathInputsAsXML(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(suites.Path(t, "fhirpath-r4", "r4"), "*.xml"))
	if err != nil || len(files) == 0 {
		t.Fatal(err, len(files))
	}
	refused := 0
	for _, file := range files {
		doc, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		r, err := ParseAnyOrder(doc, fhir.Limits{})
		if err != nil {
			refused++
			t.Logf("%s: %s", filepath.Base(file), explain(err))
			continue
		}
		spaces := strings.NewReplacer(`\n`, " ", `\t`, " ") // encoding/xml leaves them in attributes, where they are spaces
		if want, got := spaces.Replace(sortedJSON(t, []byte(slowly(t, doc)))), spaces.Replace(sortedJSON(t, r.Raw())); want != got {
			t.Errorf("%s: %s", filepath.Base(file), firstDifference(want, got))
		}
	}
	if refused > len(files)/5 {
		t.Errorf("%d of %d are refused", refused, len(files))
	}
}
