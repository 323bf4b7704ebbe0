package terms

import (
	"os"
	"strings"
	"testing"

	"github.com/ficushealth/ficus/fhir"
	"github.com/ficushealth/ficus/fhir/pack"
	"github.com/ficushealth/ficus/fhir/validate"
	"github.com/ficushealth/ficus/suites"
)

// published are the packages whose examples claim its profiles.
var published = [][2]string{{"us-core", "us_core_610.tgz"}, {"us-core", "us_core_700.tgz"}, {"fhir-r4-definitions", "hl7.fhir.uv.ips-2.0.0.tgz"}}

// broken are the examples that break a rule of R4: file and issue.
var broken = map[string]string{
	"Bundle-docref-example-2.json":                     "fullUrl must end",
	"Bundle-66c8856b-ba11-4876-8aa8-467aad8c11a2.json": "fullUrl must end",
}

// TestSuitePackageExamples checks the examples of each package against the profiles that they claim: they are valid, and
// each without a member that its profile requires is not. What a profile requires is read from its snapshot here once more.
func TestSuitePackageExamples(t *testing.T) {
	eachDatabase(t, func(t *testing.T, w *world) {
		if !strings.HasSuffix(t.Name(), "/sqlite") {
			return // the definitions are the same from both
		}
		for _, name := range published {
			w.examples(name[0], name[1])
		}
	})
}

func (w *world) examples(dir, file string) {
	f, err := os.Open(suites.Path(w.t, dir, file))
	if err != nil {
		w.t.Fatal(err)
	}
	defer f.Close() //nolint:errcheck // it is only read
	if _, err := w.terms.AddPackage(w.t.Context(), w.desk, f, func(int, int) {}); err != nil {
		w.t.Fatal(err)
	}
	if _, err := f.Seek(0, 0); err != nil {
		w.t.Fatal(err)
	}
	required, examples := map[string][]string{}, []pack.File{}
	if _, err := pack.Read(f, pack.Limits{}, func(x pack.File) error {
		if x.Resource.Type() == "StructureDefinition" {
			required[x.Resource.Get("url").Str()] = requiredBy(x.Resource)
		}
		if x.Example {
			examples = append(examples, x)
		}
		return nil
	}); err != nil {
		w.t.Fatal(err)
	}
	v, removed := w.terms.Validator(w.t.Context(), 1, nil), 0
	for _, x := range examples {
		w.valid(v, file+" "+x.Name, x.Resource)
		removed += w.incomplete(v, file+" "+x.Name, x.Resource, required)
	}
	if len(examples) < 40 || removed < 80 {
		w.t.Errorf("%s: only %d examples, %d members removed", file, len(examples), removed)
	}
}

// requiredBy are the members of the resource that a profile requires.
func requiredBy(sd fhir.Resource) []string {
	var out []string
	for e := range sd.Get("snapshot").Get("element").Items() {
		path := strings.Split(e.Get("path").Str(), ".")
		if len(path) == 2 && e.Get("min").Str() != "0" && !e.Get("sliceName").Exists() && !strings.HasSuffix(path[1], "[x]") {
			out = append(out, path[1])
		}
	}
	return out
}

func (w *world) valid(v *validate.Validator, name string, r fhir.Resource) {
	issues, err := v.Check(r)
	if err != nil {
		w.t.Error(err)
	}
	for _, i := range issues {
		if why := broken[name[strings.IndexByte(name, ' ')+1:]]; !i.Warning && (why == "" || !strings.HasPrefix(i.Text, why)) {
			w.t.Errorf("%s:%d:%d: %s: %s: %s", name, i.Line, i.Col, i.Code, i.Expression, i.Text)
		}
	}
}

func (w *world) incomplete(v *validate.Validator, name string, r fhir.Resource, required map[string][]string) int {
	n := 0
	for profile := range r.Get("meta").Get("profile").Items() {
		url, _, _ := strings.Cut(profile.Str(), "|")
		for _, member := range required[url] {
			if !r.Get(member).Exists() || r.Get("_"+member).Exists() {
				continue
			}
			n++
			if w.fine(v, without(w.t, r, member)) {
				w.t.Errorf("%s without %s is valid", name, member)
			}
		}
	}
	return n
}

func without(t *testing.T, r fhir.Resource, member string) fhir.Resource {
	o := fhir.NewObject()
	for name, v := range r.Members() {
		if name != member {
			o.Set(name, v)
		}
	}
	out, err := fhir.Parse(o.JSON(), fhir.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func (w *world) fine(v *validate.Validator, r fhir.Resource) bool {
	issues, err := v.Check(r)
	if err != nil {
		w.t.Error(err)
	}
	for _, i := range issues {
		if !i.Warning {
			return false
		}
	}
	return true
}
