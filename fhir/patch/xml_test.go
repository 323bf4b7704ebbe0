package patch

import (
	"encoding/xml"
	"strings"
	"testing"

	"github.com/ficushealth/ficus/fhir"
	"github.com/ficushealth/ficus/fhir/r4"
)

// element in XML, as far as the published cases use it.
type tag struct {
	name, xhtml string
	attr        map[string]string
	kids        []*tag
}

// fromXML reads a resource of the published cases, which are XML.
func fromXML(t *testing.T, doc string) fhir.Resource {
	t.Helper()
	d := xml.NewDecoder(strings.NewReader(doc))
	for {
		tok, err := d.Token()
		if err != nil {
			t.Fatalf("%v in %s", err, doc)
		}
		if s, is := tok.(xml.StartElement); is {
			root := readTag(t, d, s)
			o := fhir.NewObject().Set("resourceType", root.name)
			root.members(t, o, r4.Lookup(root.name))
			r, err := fhir.Parse(o.JSON(), fhir.Limits{})
			if err != nil {
				t.Fatal(err)
			}
			return r
		}
	}
}

func readTag(t *testing.T, d *xml.Decoder, s xml.StartElement) *tag {
	t.Helper()
	out := &tag{name: s.Name.Local, attr: map[string]string{}}
	for _, a := range s.Attr {
		out.attr[a.Name.Local] = a.Value
	}
	if s.Name.Space == "http://www.w3.org/1999/xhtml" {
		var inner struct {
			Text string `xml:",innerxml"`
		}
		if err := d.DecodeElement(&inner, &s); err != nil {
			t.Fatal(err)
		}
		out.xhtml = `<div xmlns="http://www.w3.org/1999/xhtml">` + inner.Text + `</div>`
		return out
	}
	for {
		tok, err := d.Token()
		if err != nil {
			t.Fatal(err)
		}
		switch tok := tok.(type) {
		case xml.StartElement:
			out.kids = append(out.kids, readTag(t, d, tok))
		case xml.EndElement:
			return out
		}
	}
}

func (g *tag) members(t *testing.T, o *fhir.Obj, typ *r4.TypeInfo) {
	t.Helper()
	for _, name := range []string{"id", "url"} {
		if v, there := g.attr[name]; there {
			o.Set(name, v)
		}
	}
	for _, kid := range g.kids {
		e := typ.Find(kid.name)
		if e == nil {
			t.Fatalf("%s has no element %s", typ.Name, kid.name)
		}
		value, ext := kid.json(t, r4.ByID(e.Type), e)
		if !e.Many() {
			setIf(o, kid.name, value)
			setIf(o, "_"+kid.name, ext)
			continue
		}
		list, _ := o.Get(kid.name).(*fhir.List)
		if list == nil {
			list = &fhir.List{}
		}
		o.Set(kid.name, list.Add(value))
	}
}

func setIf(o *fhir.Obj, name string, v any) {
	if v != nil {
		o.Set(name, v)
	}
}

func (g *tag) json(t *testing.T, typ *r4.TypeInfo, e *r4.Element) (value, ext any) {
	t.Helper()
	if e.ContentRef != "" {
		typ = r4.Lookup(e.ContentRef)
	}
	inner := fhir.NewObject()
	if g.xhtml != "" {
		return g.xhtml, nil
	}
	if typ.Kind != r4.Primitive {
		g.members(t, inner, typ)
		return inner, nil
	}
	if g.members(t, inner, r4.Lookup("Element")); inner.Len() > 0 {
		ext = inner
	}
	switch text, there := g.attr["value"]; {
	case !there:
	case typ.Name == "boolean":
		value = text == "true"
	case strings.Contains("integer unsignedInt positiveInt decimal", typ.Name):
		value = fhir.Num(text)
	default:
		value = text
	}
	return value, ext
}
