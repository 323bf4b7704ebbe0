package path

import (
	"bufio"
	"encoding/xml"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/ficushealth/ficus/fhir"
	"github.com/ficushealth/ficus/suites"
)

// officialTests is the file of the FHIRPath test suite.
type officialTests struct {
	Groups []struct {
		Name  string         `xml:"name,attr"`
		Tests []officialTest `xml:"test"`
	} `xml:"group"`
}

type officialTest struct {
	Name       string `xml:"name,attr"`
	Input      string `xml:"inputfile,attr"`
	Predicate  string `xml:"predicate,attr"`
	Mode       string `xml:"mode,attr"`
	Ordered    string `xml:"ordered,attr"`
	Order      string `xml:"checkOrderedFunctions,attr"`
	Invalid    string `xml:"invalid,attr"`
	Expression struct {
		Text    string `xml:",chardata"`
		Invalid string `xml:"invalid,attr"`
	} `xml:"expression"`
	Outputs []struct {
		Type string `xml:"type,attr"`
		Text string `xml:",chardata"`
	} `xml:"output"`
}

// TestSuiteFHIRPath runs the official tests, whatever number of them there is, each as a subtest. Those of
// testdata/exclusions.txt, at most one in fifty, must fail.
func TestSuiteFHIRPath(t *testing.T) {
	dir := suites.Path(t, "fhirpath-r4", "r4")
	doc, err := os.ReadFile(dir + "/fhirpath/tests-fhir-r4.xml")
	if err != nil {
		t.Fatal(err)
	}
	var all officialTests
	if err := xml.Unmarshal(doc, &all); err != nil {
		t.Fatal(err)
	}
	excluded, inputs, count, left := exclusions(t), map[string]fhir.Resource{}, 0, 0
	for _, g := range all.Groups {
		for _, c := range g.Tests {
			reason, isExcluded := excluded[c.Name]
			count++
			if isExcluded {
				left++
			}
			t.Run(g.Name+"/"+c.Name, func(t *testing.T) {
				if _, ok := inputs[c.Input]; !ok {
					inputs[c.Input] = readInput(t, dir, c.Input)
				}
				switch why := c.run(inputs[c.Input]); {
				case why == "" && isExcluded:
					t.Errorf("passes, but is excluded: %s", reason)
				case why != "" && !isExcluded:
					t.Errorf("%s\n\t%s", strings.TrimSpace(c.Expression.Text), why)
				}
			})
		}
	}
	if 50*left > count {
		t.Errorf("%d of %d tests are excluded", left, count)
	}
	t.Logf("%d tests, %d excluded", count, left)
}

// exclusions reads testdata/exclusions.txt: a test's name, a tab, the reason.
func exclusions(t *testing.T) map[string]string {
	f, err := os.Open("testdata/exclusions.txt")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	out := map[string]string{}
	for s := bufio.NewScanner(f); s.Scan(); {
		name, reason, ok := strings.Cut(s.Text(), "\t")
		if strings.HasPrefix(name, "#") || name == "" {
			continue
		}
		if !ok || reason == "" {
			t.Errorf("the exclusion of %s has no reason", name)
		}
		out[name] = reason
	}
	return out
}

func readInput(t testing.TB, dir, name string) fhir.Resource {
	if name == "" {
		return parsed(t, []byte(`{"resourceType":"Basic"}`))
	}
	doc, err := os.ReadFile(dir + "/" + name)
	if err != nil {
		t.Fatal(err)
	}
	if strings.HasSuffix(name, ".xml") {
		return fromXML(t, doc)
	}
	return parsed(t, doc)
}

// run gives what is wrong, "" if nothing.
func (c officialTest) run(r fhir.Resource) string {
	got, err := c.eval(r)
	if wanted := c.Invalid + c.Expression.Invalid; wanted != "" {
		if err == nil {
			return "should fail (" + wanted + "), gives " + show(got)
		}
		return ""
	}
	if err != nil {
		return err.Error()
	}
	if c.Predicate == "true" {
		got = []Node{Bool(len(got) > 0 && truthOfNode(got[0]) == yes)}
	}
	return c.compare(got)
}

func (c officialTest) eval(r fhir.Resource) ([]Node, error) {
	e, err := Compile(c.Expression.Text)
	if err != nil {
		return nil, err
	}
	if c.Mode == "strict" || c.Invalid+c.Expression.Invalid == "semantic" {
		if err := e.Check(r.Type()); err != nil {
			return nil, err
		}
	}
	at := time.Date(2026, 11, 20, 12, 30, 45, 123456789, time.UTC)
	return e.Eval(&Context{Now: func() time.Time { return at }}, Root(r))
}

func (c officialTest) compare(got []Node) string {
	if len(got) != len(c.Outputs) {
		return "gives " + show(got)
	}
	used := make([]bool, len(got))
	for i, want := range c.Outputs {
		found := false
		for j, n := range got {
			if !used[j] && (i == j || c.Ordered == "false") && matchesOutput(n, want.Type, want.Text) {
				used[j], found = true, true
				break
			}
		}
		if !found {
			return "gives " + show(got) + ", not " + want.Text
		}
	}
	return ""
}

// matchesOutput compares with an expected output: dates, times and quantities are written as literals.
func matchesOutput(n Node, typ, text string) bool {
	text = strings.TrimPrefix(strings.TrimSpace(text), "@")
	if n.kind() == kTime {
		text = strings.TrimPrefix(text, "T")
	}
	if typ != "" && !strings.EqualFold(strings.TrimPrefix(n.Type(), "System."), typ) && !(typ == "string" && n.kind() == kString) {
		return false
	}
	if n.kind() == kDecimal && typ == "" && strings.Trim(text, "-0.") == "" {
		text = strings.TrimPrefix(text, "-")
	}
	if n.kind() == kDecimal && typ == "decimal" {
		x, _ := parseDecimal(text)
		return x != nil && x.Cmp(numberOf(n.literal())) == 0
	}
	if n.kind() == kString {
		return n.Str() == text || n.Str() == strings.TrimPrefix(text, "@")
	}
	return n.literal().text() == text
}

func show(nodes []Node) string {
	var b strings.Builder
	for _, n := range nodes {
		b.WriteString("[" + n.Type() + " " + n.Str() + "]")
	}
	return "(" + b.String() + ")"
}
