package xml

import (
	"github.com/ficushealth/ficus/fault"
	"github.com/ficushealth/ficus/fhir"
	"github.com/ficushealth/ficus/fhir/r4"
)

const head = `<?xml version="1.0" encoding="UTF-8"?>`

// Append appends the XML form of a resource to dst, without white space between its elements.
// Faults: Unprocessable, with the place in the JSON, for what has no XML form: elements that
// R4 does not know, values of the wrong kind, a narrative that is no XHTML.
func Append(dst []byte, r fhir.Resource) ([]byte, error) { return write(dst, r, false) }

// Pretty is Append for people, each element on a line of its own.
func Pretty(dst []byte, r fhir.Resource) ([]byte, error) { return write(dst, r, true) }

func write(dst []byte, r fhir.Resource, pretty bool) ([]byte, error) {
	w := &writer{b: append(dst, head...), pretty: pretty}
	if err := w.resource(r.Value, ` xmlns="`+fhirURI+`"`); err != nil {
		return dst, err
	}
	if pretty {
		w.text("\n")
	}
	return w.b, nil
}

// writer writes XML.
type writer struct {
	b      []byte
	pretty bool
	deep   int
	parts  []part // of the objects that are being written, the innermost last
}

func (w *writer) text(s string) { w.b = append(w.b, s...) }

// line begins an element or an end tag.
func (w *writer) line() {
	if !w.pretty {
		return
	}
	w.b = append(w.b, '\n')
	for range w.deep {
		w.b = append(w.b, ' ', ' ')
	}
}

func (w *writer) begin(name string) {
	w.line()
	w.b = append(append(w.b, '<'), name...)
}

func (w *writer) end(name string) {
	w.b = append(append(append(w.b, '<', '/'), name...), '>')
}

// resource writes an object with a resourceType.
func (w *writer) resource(v fhir.Value, space string) error {
	t := r4.Lookup(v.Get("resourceType").Str())
	if t == nil || t.Kind != r4.Resource {
		return unwritable(v, "", "a resource of a type of FHIR R4 is expected here")
	}
	return w.object(t.Name, space, t, v, true)
}

// object writes an element for an object.
func (w *writer) object(name, more string, t *r4.TypeInfo, v fhir.Value, mayBeEmpty bool) error {
	if v.Kind() != fhir.Object {
		return unwritable(v, t.Name, "an object is expected here")
	}
	mark := len(w.parts)
	if err := w.gather(t, v); err != nil {
		return err
	}
	w.begin(name)
	w.text(more)
	err := w.inside(name, t, mark, mayBeEmpty)
	w.parts = w.parts[:mark]
	return err
}

// inside writes attributes, children and end tag of an element whose parts were gathered.
func (w *writer) inside(name string, t *r4.TypeInfo, mark int, mayBeEmpty bool) error {
	n := len(w.parts)
	if n == mark && !mayBeEmpty {
		return fault.At(fault.Unprocessable, fault.Issue{Code: "structure", Text: "an empty object has no XML form", Expression: t.Name})
	}
	children := 0
	for i := mark; i < n; i++ {
		p := w.parts[i]
		if !isAttribute(t, p.e.JSON) {
			children++
			continue
		}
		if err := w.attribute(t, p); err != nil {
			return err
		}
	}
	if children == 0 {
		w.text("/>")
		return nil
	}
	w.text(">")
	w.deep++
	for i := mark; i < n; i++ {
		if p := w.parts[i]; !isAttribute(t, p.e.JSON) {
			if err := w.element(t, p); err != nil {
				return err
			}
		}
	}
	w.deep--
	w.line()
	w.end(name)
	return nil
}

// attribute writes the id of an element or the url of an extension.
func (w *writer) attribute(t *r4.TypeInfo, p part) error {
	if p.sibling.Exists() {
		return unwritable(p.sibling, place(t, p.e), "an attribute of XML has no id and no extensions")
	}
	return w.value(p.e.JSON, t, p.e, p.value, tokenForm)
}

// element writes all that one member, or a pair of members, of an object holds.
func (w *writer) element(t *r4.TypeInfo, p part) error {
	if !p.e.Many() {
		return w.item(t, p.e, p.value, p.sibling)
	}
	for _, v := range [...]fhir.Value{p.value, p.sibling} {
		if v.Exists() && v.Kind() != fhir.Array {
			return unwritable(v, place(t, p.e), "this element may repeat, and so is a list")
		}
	}
	if p.value.Len() == 0 && p.sibling.Len() == 0 {
		return fault.At(fault.Unprocessable, fault.Issue{Code: "structure", Text: "an empty list has no XML form", Expression: place(t, p.e)})
	}
	values, siblings := p.value.Cursor(), p.sibling.Cursor()
	for range max(p.value.Len(), p.sibling.Len()) {
		if err := w.item(t, p.e, values.Next(), siblings.Next()); err != nil {
			return err
		}
	}
	return nil
}

// item writes one element.
func (w *writer) item(t *r4.TypeInfo, e *r4.Element, v, sibling fhir.Value) error {
	of := r4.ByID(e.Type)
	switch {
	case of.Name == "xhtml":
		return w.narrative(t, e, v, sibling)
	case of.Kind == r4.Primitive:
		return w.primitive(t, e, of, v, sibling)
	case sibling.Exists():
		return unwritable(sibling, place(t, e), "only a primitive element has a member whose name begins with an underscore")
	case of.Name == "Resource":
		return w.container(e, v)
	}
	return w.object(e.JSON, "", of, v, false)
}

func (w *writer) container(e *r4.Element, v fhir.Value) error {
	w.begin(e.JSON)
	w.text(">")
	w.deep++
	if err := w.resource(v, ""); err != nil {
		return err
	}
	w.deep--
	w.line()
	w.end(e.JSON)
	return nil
}

// narrative writes a div as it is.
func (w *writer) narrative(t *r4.TypeInfo, e *r4.Element, v, sibling fhir.Value) error {
	if v.Kind() != fhir.String || sibling.Exists() {
		return unwritable(v, place(t, e), "the div of a narrative is a string, and has no extensions")
	}
	div, err := standing([]byte(v.Str()))
	if err != nil {
		return unwritable(v, place(t, e), "the narrative is not well-formed XHTML: "+fault.Find(err).Text)
	}
	w.line()
	w.b = append(w.b, div...)
	return nil
}

// unwritable is the fault of JSON that has no XML form.
func unwritable(v fhir.Value, expression, text string) error {
	line, col := v.Pos()
	return fault.At(fault.Unprocessable, fault.Issue{Code: "structure", Text: text, Expression: expression, Line: line, Col: col})
}

func place(t *r4.TypeInfo, e *r4.Element) string { return t.Name + "." + e.Name }
