package validate

import (
	"github.com/ficushealth/ficus/fhir"
	"github.com/ficushealth/ficus/fhir/r4"
)

// property checks the shape of a property and then its value or values. An element that may repeat is always an array,
// any other never (https://hl7.org/fhir/R4/json.html#repeat).
func (w *walk) property(e *r4.Element, object, v fhir.Value) {
	switch {
	case e.Max == 0:
		w.say("structure", v, "%s must not be used here", e.JSON)
	case e.Many():
		w.many(e, object, v)
	case v.Kind() == fhir.Array:
		w.say("structure", v, "%s is a single value, not an array", e.JSON)
	case v.Kind() == fhir.Null:
		w.say("structure", v, "null stands only in arrays of primitives: leave the member out")
	default:
		w.value(e, v)
	}
}

func (w *walk) many(e *r4.Element, object, v fhir.Value) {
	if !w.items(e, v) {
		return
	}
	c, filled := v.Cursor(), false
	for i, item := 0, c.Next(); item.Exists() && !w.Late(1); i, item = i+1, c.Next() {
		w.index(i)
		if item.Kind() != fhir.Null {
			w.value(e, item)
			continue
		}
		if filled = filled || w.fillable(e, object); !filled {
			w.say("structure", item, "null stands only where an extension stands in for a primitive")
			return
		}
	}
}

// fillable reports whether null may stand in the array of an element: it is of a primitive type and its extensions follow
// in an array beside it.
func (w *walk) fillable(e *r4.Element, object fhir.Value) bool {
	return w.typeOf(e).Kind == r4.Primitive && sibling(object, e.JSON).Exists()
}

// items reports whether v is an array with something in it, and says so if not.
func (w *walk) items(e *r4.Element, v fhir.Value) bool {
	c := v.Cursor()
	switch {
	case v.Kind() != fhir.Array:
		w.say("structure", v, "%s may repeat, so it must be an array", e.JSON)
	case !c.Next().Exists():
		w.say("structure", v, "an array must not be empty")
	default:
		return true
	}
	return false
}

func (w *walk) value(e *r4.Element, v fhir.Value) {
	t := w.typeOf(e)
	switch {
	case t.Kind == r4.Primitive:
		w.primitive(e, t, v)
	case t.Name == "Resource":
		w.nested(e, v)
	case v.Kind() != fhir.Object:
		w.say("structure", v, "%s must be an object of type %s", e.JSON, t.Name)
	default:
		w.object(t, v)
		w.beyond(e, t, v)
		if w.rules {
			w.elementRules(e, t, v, fhir.Value{})
		}
	}
}

// beyond checks what a type demands beyond its elements.
func (w *walk) beyond(e *r4.Element, t *r4.TypeInfo, v fhir.Value) {
	switch t.Name {
	case "Extension":
		w.extension(v)
	case "Reference":
		w.reference(e, v)
	case "CodeableConcept":
		w.concept(e, v)
	}
}
