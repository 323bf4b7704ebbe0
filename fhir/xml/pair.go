package xml

import (
	"github.com/ficushealth/ficus/fault"
	"github.com/ficushealth/ficus/fhir"
	"github.com/ficushealth/ficus/fhir/r4"
)

// primitive writes the element of a value, its id and its extensions.
func (w *writer) primitive(t *r4.TypeInfo, e *r4.Element, of *r4.TypeInfo, v, sibling fhir.Value) error {
	v, sibling = notNull(v), notNull(sibling)
	if err := paired(t, e, v, sibling); err != nil {
		return err
	}
	mark := len(w.parts)
	if err := w.gather(of, sibling); err != nil {
		return err
	}
	w.begin(e.JSON)
	from, err := w.identity(of, mark)
	if err == nil && v.Exists() {
		err = w.value("value", t, e, v, formOf(of))
	}
	if err == nil {
		err = w.inside(e.JSON, of, from, true)
	}
	w.parts = w.parts[:mark]
	return err
}

// notNull is v, or absent where null only fills a list.
func notNull(v fhir.Value) fhir.Value {
	if v.Kind() == fhir.Null {
		return fhir.Value{}
	}
	return v
}

// paired checks what stands at one place of the two members that a primitive element has in JSON.
func paired(t *r4.TypeInfo, e *r4.Element, v, sibling fhir.Value) error {
	switch {
	case !v.Exists() && !sibling.Exists():
		return fault.At(fault.Unprocessable, fault.Issue{Code: "structure", Text: "a null without extensions has no XML form", Expression: place(t, e)})
	case sibling.Exists() && sibling.Kind() != fhir.Object:
		return unwritable(sibling, place(t, e), "an object is expected here")
	case sibling.Exists() && sibling.Len() == 0:
		return unwritable(sibling, place(t, e), "an empty object has no XML form")
	}
	return nil
}

// identity writes the id, which comes before the value, and says where the parts go on.
func (w *writer) identity(of *r4.TypeInfo, mark int) (from int, err error) {
	if len(w.parts) == mark || w.parts[mark].e.JSON != "id" || w.parts[mark].sibling.Exists() {
		return mark, nil
	}
	p := w.parts[mark]
	return mark + 1, w.value("id", of, p.e, p.value, tokenForm)
}
