package validate

import (
	"github.com/ficushealth/ficus/fhir"
	"github.com/ficushealth/ficus/fhir/r4"
)

// beside checks the property with an underscore in front, which carries id and extensions of a primitive
// (https://hl7.org/fhir/R4/json.html#primitive).
func (w *walk) beside(e *r4.Element, object, v fhir.Value) {
	t := w.typeOf(e)
	switch {
	case t.Kind != r4.Primitive:
		w.say("structure", v, "only primitives have a property with an underscore in front; %s is of type %s", e.JSON, t.Name)
	case e.Many():
		w.besideMany(e, t, object, v)
	default:
		w.attributes(t, v, object.Get(e.JSON).Exists())
	}
}

func (w *walk) attributes(t *r4.TypeInfo, v fhir.Value, valued bool) {
	if v.Kind() != fhir.Object {
		w.say("structure", v, "id and extensions of a primitive stand in an object")
		return
	}
	w.object(t, v)
	if w.rules && !valued && !v.Get("extension").Exists() {
		w.say("invariant", v, "ele-1: an id alone says nothing: give the element a value or an extension")
	}
}

// besideMany goes through the values and what stands beside them side by side: at each place at least one of the two must
// be there.
func (w *walk) besideMany(e *r4.Element, t *r4.TypeInfo, object, v fhir.Value) {
	if !w.items(e, v) {
		return
	}
	main := object.Get(e.JSON)
	values, c := main.Cursor(), v.Cursor()
	for i, item := 0, c.Next(); item.Exists() && !w.Late(1); i, item = i+1, c.Next() {
		w.index(i)
		value := values.Next()
		switch {
		case item.Kind() != fhir.Null:
			w.attributes(t, item, value.Exists() && value.Kind() != fhir.Null)
		case !value.Exists() || value.Kind() == fhir.Null:
			w.say("structure", item, "neither a value nor an extension stands at this place")
		}
		if main.Exists() && !value.Exists() {
			w.say("structure", item, "the array of values is shorter than that of their extensions: fill it up with null")
			return
		}
	}
	if values.Next().Exists() {
		w.say("structure", v, "the array of extensions is shorter than that of the values: fill it up with null")
	}
}

// sibling is the member "_name" of an object.
func sibling(object fhir.Value, name string) fhir.Value {
	c := object.Cursor()
	for m := c.Next(); m.Exists(); m = c.Next() {
		if n := m.Name(); len(n) == len(name)+1 && n[0] == '_' && n[1:] == name {
			return m
		}
	}
	return fhir.Value{}
}
