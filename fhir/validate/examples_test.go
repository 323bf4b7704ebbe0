package validate

import (
	"archive/tar"
	"compress/gzip"
	"errors"
	"io"
	"os"
	"path"
	"regexp"
	"strings"
	"testing"

	"github.com/ficushealth/ficus/fault"
	"github.com/ficushealth/ficus/fhir"
	"github.com/ficushealth/ficus/suites"
)

// document is one file of a package.
type document struct {
	name string
	raw  []byte
}

// documents sends every resource of a package.
func documents(t *testing.T, pkg string) <-chan document {
	f, err := os.Open(pkg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	zipped, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	out := make(chan document)
	go func() {
		defer close(out)
		for files := tar.NewReader(zipped); ; {
			h, err := files.Next()
			if errors.Is(err, io.EOF) {
				return
			}
			raw, err2 := io.ReadAll(files)
			if err := errors.Join(err, err2); err != nil {
				t.Error(err)
				return
			}
			if name := path.Base(h.Name); strings.HasSuffix(name, ".json") && !strings.HasPrefix(name, "package") && !strings.HasPrefix(name, ".") {
				out <- document{name, raw}
			}
		}
	}()
	return out
}

// TestSuiteR4Examples checks every example of R4 with all that is known without packages: none may have an error but those
// of testdata/examples.txt, each of which breaks the rule given there.
func TestSuiteR4Examples(t *testing.T) {
	known, seen := exclusions(t), map[string]bool{}
	for d := range documents(t, suites.Path(t, "fhir-r4-examples", "hl7.fhir.r4.examples-4.0.1.tgz")) {
		seen[d.name] = true
		t.Run(d.name, func(t *testing.T) { checkExample(t, d, known) })
	}
	if len(seen) == 0 {
		t.Error("there are no examples")
	}
	for rule, met := range known {
		if seen[rule[0]] && !*met {
			t.Errorf("testdata/examples.txt excludes what no longer happens: %q", rule)
		}
	}
}

// exclusion is what an example is known to break: file, issue code, FHIRPath without indexes.
type exclusion [3]string

// exclusions are the lines of testdata/examples.txt; each must be met.
func exclusions(t *testing.T) map[exclusion]*bool {
	text, err := os.ReadFile("testdata/examples.txt")
	if err != nil {
		t.Fatal(err)
	}
	known := map[exclusion]*bool{}
	for line := range strings.Lines(string(text)) {
		if f := strings.Split(line, "\t"); len(f) == 4 {
			known[exclusion{f[0], f[1], f[2]}] = new(bool)
		}
	}
	return known
}

var anIndex = regexp.MustCompile(`\[\d+\]`)

func checkExample(t *testing.T, d document, known map[exclusion]*bool) {
	r, err := fhir.Parse(d.raw, fhir.Limits{})
	if err != nil {
		t.Errorf("%s: %v", d.name, err)
		return
	}
	for _, i := range allOf(t, r) {
		if i.Warning {
			continue
		}
		if met := known[exclusion{d.name, i.Code, anIndex.ReplaceAllString(i.Expression, "")}]; met != nil {
			*met = true
			continue
		}
		t.Errorf("%s:%d:%d: %s: %s: %s", d.name, i.Line, i.Col, i.Code, i.Expression, i.Text)
	}
}

// r4Alone knows what R4 publishes.
var r4Alone = New(Options{})

// allOf is all that can be said of a resource; of the bundles of definitions, which take long, what they say on their own.
func allOf(t *testing.T, r fhir.Resource) []fault.Issue {
	if len(r.Raw()) > 3<<20 {
		return Whole(r)
	}
	return checked(t, r4Alone, r)
}
