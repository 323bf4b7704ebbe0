package patch

import (
	"encoding/json"
	"encoding/xml"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/ficushealth/ficus/fhir"
	"github.com/ficushealth/ficus/suites"
)

// TestSuiteJSONPatch runs the published cases of JSON Patch, one subtest for each.
func TestSuiteJSONPatch(t *testing.T) {
	doc, err := os.ReadFile(suites.Path(t, "fhirpath-r4", "r4", "patch", "json-patch-tests.json"))
	if err != nil {
		t.Fatal(err)
	}
	var cases []struct {
		Comment              string
		Disabled             bool
		Doc, Patch, Expected json.RawMessage
		Error                string
	}
	if err := json.Unmarshal(doc, &cases); err != nil {
		t.Fatal(err)
	}
	for _, c := range cases {
		t.Run(c.Comment, func(t *testing.T) {
			got, err := apply(t, c.Doc, c.Patch)
			switch {
			case c.Error != "" && err == nil:
				t.Errorf("gives %s, but must fail: %s", got.Raw(), c.Error)
			case c.Error == "" && err != nil:
				t.Error(err)
			case c.Error == "" && len(c.Expected) > 0 && !untouched(got).equal(untouched(value(t, c.Expected))):
				t.Errorf("gives %s, want %s", got.Raw(), c.Expected)
			}
		})
	}
}

func apply(t *testing.T, doc, patch []byte) (fhir.Value, error) {
	p, err := JSON(patch)
	if err != nil {
		return fhir.Value{}, err
	}
	return p.value(fhir.Watch{}, fhir.Resource{Value: value(t, doc)})
}

func value(t *testing.T, doc []byte) fhir.Value {
	t.Helper()
	v, err := fhir.ParseValue(doc, fhir.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// TestSuiteFHIRPathPatch runs the published cases of FHIRPath Patch, one subtest for each.
func TestSuiteFHIRPathPatch(t *testing.T) {
	doc, err := os.ReadFile(suites.Path(t, "fhirpath-r4", "r4", "patch", "fhir-patch-tests.xml"))
	if err != nil {
		t.Fatal(err)
	}
	var all struct {
		Cases []struct {
			Name   string    `xml:"name,attr"`
			Input  published `xml:"input"`
			Diff   published `xml:"diff"`
			Output published `xml:"output"`
			Error  *struct {
				Message string `xml:"msg,attr"`
			} `xml:"error"`
		} `xml:"case"`
	}
	if err := xml.Unmarshal(doc, &all); err != nil {
		t.Fatal(err)
	}
	for _, c := range all.Cases {
		t.Run(c.Name, func(t *testing.T) {
			p, err := Parameters(c.Diff.resource(t))
			if err != nil {
				t.Fatal(err)
			}
			got, err := p.Apply(nil, c.Input.resource(t))
			switch {
			case c.Error != nil && err == nil:
				t.Errorf("gives %s, but must fail: %s", got.Raw(), c.Error.Message)
			case c.Error == nil && err != nil:
				t.Error(err)
			case c.Error == nil:
				if want := c.Output.resource(t); !sameResource(got, want) {
					t.Errorf("gives\n%s, want\n%s", got.Raw(), want.Raw())
				}
			}
		})
	}
}

// published is a resource in a case.
type published struct {
	Inner string `xml:",innerxml"`
}

func (p published) resource(t *testing.T) fhir.Resource {
	t.Helper()
	return fromXML(t, p.Inner)
}

// sameResource compares resources, their narratives by what they say.
func sameResource(a, b fhir.Resource) bool {
	x, y := untouched(a.Value), untouched(b.Value)
	for _, n := range []*node{x, y} {
		if text := n.get("text"); text != nil && text.get("div") != nil {
			text.set("div", &node{v: quoted(canonical(text.get("div").v.Str())), kind: fhir.String})
		}
	}
	return x.equal(y)
}

func quoted(s string) fhir.Value {
	v, err := fhir.ParseValue(fhir.AppendString(nil, s), fhir.Limits{})
	if err != nil {
		panic(err)
	}
	return v
}

// canonical writes XHTML as names and words.
func canonical(s string) string {
	d, out := xml.NewDecoder(strings.NewReader(s)), &strings.Builder{}
	for {
		tok, err := d.Token()
		if err != nil {
			return out.String()
		}
		switch tok := tok.(type) {
		case xml.StartElement:
			out.WriteString("<" + tok.Name.Local + ">")
		case xml.EndElement:
			out.WriteString("</" + tok.Name.Local + ">")
		case xml.CharData:
			out.WriteString(strings.Join(strings.Fields(string(tok)), " "))
		}
	}
}

// TestSuiteXMLPatch runs the published cases of XML Patch, one subtest for each.
func TestSuiteXMLPatch(t *testing.T) {
	doc, err := os.ReadFile(suites.Path(t, "fhirpath-r4", "r4", "patch", "xml-patch-tests.xml"))
	if err != nil {
		t.Fatal(err)
	}
	all, err := readXML(doc)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range all.element().kids {
		if c.kind != elementItem {
			continue
		}
		t.Run(c.attrs[0].Value, func(t *testing.T) {
			part := map[string]*markup{}
			for _, kid := range c.kids {
				if kid.kind == elementItem {
					part[kid.name.Local] = kid
				}
			}
			target, err := readXML((&markup{kids: part["target"].kids}).append(nil, ""))
			if err != nil {
				t.Fatal(err)
			}
			p, err := XML(part["patch"].append(nil, ""))
			if err == nil {
				err = p.edit(fhir.Watch{}, target)
			}
			if part["error"] != nil {
				if err == nil {
					t.Errorf("gives %s, but must fail: %s", target.append(nil, ""), part["error"].attrs[0].Value)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if got, want := outline(target), outline(&markup{kids: part["patched"].kids}); got != want {
				t.Errorf("gives\n%s, want\n%s", got, want)
			}
		})
	}
}

// outline writes a document without what formats it, attributes in the order of their names.
func outline(n *markup) string {
	switch n.kind {
	case textItem:
		return strings.Join(strings.Fields(n.text), " ")
	case commentItem:
		return "<!--" + n.text + "-->"
	}
	out := "{" + n.name.Space + "}" + n.name.Local
	attrs := slices.Clone(n.attrs)
	slices.SortFunc(attrs, func(a, b xml.Attr) int { return strings.Compare(prefixed(a.Name), prefixed(b.Name)) })
	for _, a := range attrs {
		out += " " + prefixed(a.Name) + "=" + a.Value
	}
	out += "("
	for _, kid := range n.kids {
		out += outline(kid)
	}
	return out + ")"
}
