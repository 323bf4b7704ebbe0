package path

import (
	"encoding/xml"
	"strings"
	"testing"

	"github.com/ficushealth/ficus/fhir"
	"github.com/ficushealth/ficus/fhir/r4"
)

// element is one XML element of a test input.
type element struct {
	name     string
	value    *string
	id, url  string
	children []*element
	xhtml    string
}

// fromXML turns a FHIR XML resource into JSON: enough for the inputs of the official tests.
func fromXML(t testing.TB, doc []byte) fhir.Resource {
	t.Helper()
	d := xml.NewDecoder(strings.NewReader(string(doc)))
	for {
		tok, err := d.Token()
		if err != nil {
			t.Fatal(err)
		}
		if s, ok := tok.(xml.StartElement); ok {
			return parsed(t, resourceJSON(t, readElement(t, d, s)).JSON())
		}
	}
}

func parsed(t testing.TB, doc []byte) fhir.Resource {
	t.Helper()
	r, err := fhir.Parse(doc, fhir.Limits{})
	if err != nil {
		t.Fatalf("%v in %s", err, doc)
	}
	return r
}

func readElement(t testing.TB, d *xml.Decoder, s xml.StartElement) *element {
	e := &element{name: s.Name.Local}
	for _, a := range s.Attr {
		switch v := a.Value; a.Name.Local {
		case "value":
			e.value = &v
		case "id":
			e.id = v
		case "url":
			e.url = v
		}
	}
	if s.Name.Space == "http://www.w3.org/1999/xhtml" {
		e.xhtml = innerXML(t, d, s)
		return e
	}
	for {
		tok, err := d.Token()
		if err != nil {
			t.Fatal(err)
		}
		switch tok := tok.(type) {
		case xml.StartElement:
			e.children = append(e.children, readElement(t, d, tok))
		case xml.EndElement:
			return e
		}
	}
}

// innerXML writes the narrative out again; its exact form does not matter here.
func innerXML(t testing.TB, d *xml.Decoder, s xml.StartElement) string {
	var raw struct {
		Inner string `xml:",innerxml"`
	}
	if err := d.DecodeElement(&raw, &s); err != nil {
		t.Fatal(err)
	}
	return `<div xmlns="http://www.w3.org/1999/xhtml">` + raw.Inner + `</div>`
}

func resourceJSON(t testing.TB, e *element) *fhir.Obj {
	o := fhir.NewObject().Set("resourceType", e.name)
	members(t, o, e, r4.Lookup(e.name))
	return o
}

// members sets the children of an element, repeated ones as arrays.
func members(t testing.TB, o *fhir.Obj, e *element, typ *r4.TypeInfo) {
	if e.id != "" {
		o.Set("id", e.id)
	}
	if e.url != "" {
		o.Set("url", e.url)
	}
	for i, c := range e.children {
		if o.Get(c.name) != nil || o.Get("_"+c.name) != nil {
			continue
		}
		el := typ.Find(c.name)
		if el == nil {
			t.Fatalf("no element %s in %s", c.name, typ.Name)
		}
		if !el.Many() {
			value, ext := valueJSON(t, c, el)
			setBoth(o, c.name, value, ext)
			continue
		}
		values, exts, any := &fhir.List{}, &fhir.List{}, false
		for _, same := range e.children[i:] {
			if same.name != c.name {
				continue
			}
			value, ext := valueJSON(t, same, el)
			values.Add(value)
			exts.Add(ext)
			any = any || ext != nil
		}
		o.Set(c.name, values)
		if any {
			o.Set("_"+c.name, exts)
		}
	}
}

func setBoth(o *fhir.Obj, name string, value, ext any) {
	if value != nil {
		o.Set(name, value)
	}
	if ext != nil {
		o.Set("_"+name, ext)
	}
}

// valueJSON is the JSON of one element, and for a primitive that of its sibling.
func valueJSON(t testing.TB, e *element, el *r4.Element) (value, ext any) {
	typ := r4.ByID(el.Type)
	switch {
	case e.xhtml != "":
		return e.xhtml, nil
	case typ.Name == "Resource":
		return resourceJSON(t, e.children[0]), nil
	case typ.Kind != r4.Primitive:
		o := fhir.NewObject()
		members(t, o, e, typ)
		return o, nil
	}
	if e.id != "" || len(e.children) > 0 {
		o := fhir.NewObject()
		members(t, o, e, typ)
		ext = o
	}
	if e.value == nil {
		return nil, ext
	}
	switch kindOf(typ) {
	case kBoolean:
		return *e.value == "true", ext
	case kInteger, kDecimal:
		return fhir.Num(*e.value), ext
	}
	return *e.value, ext
}
