package xml

import (
	"strings"

	"github.com/ficushealth/ficus/fhir"
	"github.com/ficushealth/ficus/fhir/r4"
)

// part is what one object holds of one element.
type part struct {
	e              *r4.Element
	value, sibling fhir.Value // of name and of _name
}

// gather puts the members of an object behind parts, in the order of the definition.
func (w *writer) gather(t *r4.TypeInfo, v fhir.Value) error {
	mark := len(w.parts)
	for name, m := range v.Members() {
		if name == "resourceType" && t.Kind == r4.Resource {
			continue
		}
		plain, below := strings.CutPrefix(name, "_")
		e := t.Find(plain)
		switch {
		case e == nil:
			return unwritable(m, t.Name, "FHIR R4 has no such element in "+t.Name)
		case m.Kind() == fhir.Null:
			return unwritable(m, place(t, e), "null is no value")
		}
		if err := w.insert(mark, e, m, below); err != nil {
			return err
		}
	}
	return nil
}

// insert keeps the parts behind mark in order; as a rule a new one goes to the end.
func (w *writer) insert(mark int, e *r4.Element, m fhir.Value, below bool) error {
	i := len(w.parts)
	for i > mark && w.parts[i-1].e.Index > e.Index {
		i--
	}
	if i > mark && w.parts[i-1].e.Index == e.Index {
		return w.join(&w.parts[i-1], e, m, below)
	}
	w.parts = append(w.parts, part{})
	copy(w.parts[i+1:], w.parts[i:])
	w.parts[i] = part{e: e}
	return w.join(&w.parts[i], e, m, below)
}

func (w *writer) join(p *part, e *r4.Element, m fhir.Value, below bool) error {
	if p.e != e {
		return unwritable(m, e.Name, "of the elements "+e.Name+"[x] only one may be there")
	}
	if below {
		p.sibling = m
	} else {
		p.value = m
	}
	return nil
}
