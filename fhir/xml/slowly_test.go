package xml

import (
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/ficushealth/ficus/fault"
	"github.com/ficushealth/ficus/fhir"
	"github.com/ficushealth/ficus/fhir/r4"
)

func fhirPlace(i fault.Issue) string {
	if i.Line == 0 {
		return ""
	}
	return fmt.Sprintf("line %d, column %d: ", i.Line, i.Col)
}

// tree is an element as encoding/xml reads it.
type tree struct {
	name     xml.Name
	attrs    map[string]string
	children []*tree
	inner    string // the bytes of a narrative
}

// slowly turns XML into JSON by way of a tree, one element after the other, with encoding/xml as
// the reader: the same result by other means. Narratives keep their bytes.
func slowly(t *testing.T, doc []byte) string {
	t.Helper()
	d := xml.NewDecoder(strings.NewReader(string(doc)))
	for {
		tok, err := d.Token()
		if err != nil {
			t.Fatal(err)
		}
		if s, ok := tok.(xml.StartElement); ok {
			return plainJSON(t, slowResource(t, slowTree(t, doc, d, s)).JSON())
		}
	}
}

func slowTree(t *testing.T, doc []byte, d *xml.Decoder, s xml.StartElement) *tree {
	e := &tree{name: s.Name, attrs: map[string]string{}}
	for _, a := range s.Attr {
		if a.Name.Space == "" && a.Name.Local != "xmlns" {
			e.attrs[a.Name.Local] = a.Value
		}
	}
	if s.Name.Space == xhtmlURI {
		start := strings.LastIndexByte(string(doc[:d.InputOffset()]), '<')
		if err := d.Skip(); err != nil {
			t.Fatal(err)
		}
		e.inner = string(doc[start:d.InputOffset()])
		return e
	}
	for {
		tok, err := d.Token()
		if err != nil {
			t.Fatal(err)
		}
		switch tok := tok.(type) {
		case xml.StartElement:
			e.children = append(e.children, slowTree(t, doc, d, tok))
		case xml.EndElement:
			return e
		}
	}
}

func slowResource(t *testing.T, e *tree) *fhir.Obj {
	o := fhir.NewObject().Set("resourceType", e.name.Local)
	slowMembers(t, o, e, r4.Lookup(e.name.Local))
	return o
}

func slowMembers(t *testing.T, o *fhir.Obj, e *tree, of *r4.TypeInfo) {
	if id, ok := e.attrs["id"]; ok {
		o.Set("id", id)
	}
	for _, el := range of.Elements { // in the order of the definition
		if url, ok := e.attrs["url"]; ok && el.Name == "url" && of.Name == "Extension" {
			o.Set("url", url)
			continue
		}
		names := []string{el.JSON}
		for _, c := range of.Choices(el.Name) {
			names = append(names, c.JSON)
		}
		var same []*tree
		for _, c := range e.children {
			if slices.Contains(names, c.name.Local) {
				same = append(same, c)
			}
		}
		if len(same) > 0 {
			slowElement(t, o, same, of.Find(same[0].name.Local))
		}
	}
}

func slowElement(t *testing.T, o *fhir.Obj, same []*tree, el *r4.Element) {
	values, below, someValue, someBelow := &fhir.List{}, &fhir.List{}, false, false
	for _, e := range same {
		v, b := slowValue(t, e, r4.ByID(el.Type))
		someValue, someBelow = someValue || v != nil, someBelow || b != nil
		values.Add(v)
		below.Add(b)
	}
	if !el.Many() && len(same) != 1 {
		t.Fatal(el.JSON, " stands twice")
	}
	set := func(name string, list *fhir.List, some bool) {
		switch {
		case some && el.Many():
			o.Set(name, list)
		case some:
			o.Set(name, list.Items[0])
		}
	}
	set(el.JSON, values, someValue)
	set("_"+el.JSON, below, someBelow)
}

func slowValue(t *testing.T, e *tree, of *r4.TypeInfo) (value, below any) {
	switch {
	case of.Name == "xhtml":
		return e.inner, nil
	case of.Name == "Resource":
		return slowResource(t, e.children[0]), nil
	case of.Kind != r4.Primitive:
		o := fhir.NewObject()
		slowMembers(t, o, e, of)
		return o, nil
	}
	if o := fhir.NewObject(); e.attrs["id"] != "" || len(e.children) > 0 {
		slowMembers(t, o, e, of)
		below = o
	}
	text, there := e.attrs["value"]
	switch {
	case !there:
	case of.Name == "boolean":
		value = text == "true"
	case of.Name == "decimal" || r4.IsA(of.Name, "integer"):
		value = fhir.Num(text)
	default:
		value = text
	}
	return value, below
}

// canonical is the sequence of what the elements of a document say, without form: prefixes,
// comments, white space between elements and the order of attributes.
func canonical(t *testing.T, doc []byte) string {
	t.Helper()
	var b strings.Builder
	for d := xml.NewDecoder(strings.NewReader(string(doc))); ; {
		tok, err := d.Token()
		if errors.Is(err, io.EOF) {
			return b.String()
		}
		if err != nil {
			t.Fatal(err)
		}
		switch tok := tok.(type) {
		case xml.StartElement:
			fmt.Fprintf(&b, "\n<%s %s", tok.Name.Space, tok.Name.Local)
			slices.SortFunc(tok.Attr, func(a, b xml.Attr) int { return strings.Compare(a.Name.Local, b.Name.Local) })
			for _, a := range tok.Attr {
				if a.Name.Local != "xmlns" && a.Name.Space != "xmlns" && a.Name.Local != "schemaLocation" {
					fmt.Fprintf(&b, " %s=%q", a.Name.Local, a.Value)
				}
			}
		case xml.EndElement:
			b.WriteString(">")
		case xml.CharData:
			if text := strings.Join(strings.Fields(string(tok)), " "); text != "" {
				b.WriteString(text)
			}
		}
	}
}
