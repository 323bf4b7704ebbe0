package validate

import (
	"math/bits"

	"github.com/ficushealth/ficus/fhir"
	"github.com/ficushealth/ficus/fhir/r4"
)

// seen is what has been met of one object.
type seen struct {
	elements uint64         // bit i for TypeInfo.Elements[i]
	chosen   [8]*r4.Element // the property met of each choice; no type of R4 has more than five choices
	n        int
}

// object checks the members of v as the elements of type t.
func (w *walk) object(t *r4.TypeInfo, v fhir.Value) {
	var s seen
	c := v.Cursor()
	m := c.Next()
	if !m.Exists() {
		w.say("structure", v, "an object must not be empty")
		return
	}
	for ; m.Exists() && !w.Late(1); m = c.Next() {
		w.member(t, v, m, &s)
	}
	if w.rules && onlyID(t, v) {
		w.say("invariant", v, "ele-1: an element with nothing but an id says nothing: give it a value or leave it out")
	}
	if missing := t.Required &^ s.elements; missing != 0 {
		w.missing(t, v, missing)
	}
}

func (w *walk) missing(t *r4.TypeInfo, v fhir.Value, set uint64) {
	for ; set != 0; set &= set - 1 {
		w.push(t.Elements[bits.TrailingZeros64(set)].Name)
		w.say("required", v, "%s is required here", t.Elements[bits.TrailingZeros64(set)].JSON)
		w.pop()
	}
}

// member checks one member of an object of type t.
func (w *walk) member(t *r4.TypeInfo, object, m fhir.Value, s *seen) {
	name := m.Name()
	beside := len(name) > 1 && name[0] == '_'
	if beside {
		name = name[1:]
	}
	e := t.Find(name)
	if e == nil {
		w.unknown(t, m)
		return
	}
	w.push(e.Name)
	w.note(e, m, s)
	if beside {
		w.beside(e, object, m)
	} else {
		w.property(e, object, m)
	}
	w.pop()
}

// note remembers that an element is there, and refuses a second property of the same choice.
func (w *walk) note(e *r4.Element, m fhir.Value, s *seen) {
	s.elements |= 1 << e.Index
	if !e.Choice {
		return
	}
	for _, other := range s.chosen[:s.n] {
		if other.Index != e.Index {
			continue
		}
		if other != e {
			w.say("invariant", m, "only one of %s and %s may be there", other.JSON, e.JSON)
		}
		return
	}
	if s.n < len(s.chosen) {
		s.chosen[s.n] = e
		s.n++
	}
}

func (w *walk) unknown(t *r4.TypeInfo, m fhir.Value) {
	name := m.Name()
	switch {
	case name == "resourceType" && t.Kind == r4.Resource:
	case !plain(name):
		w.say("structure", m, "a member of %s has a name that no element has", t.Name)
	default:
		w.say("structure", m, "%s has no element %s", t.Name, name)
	}
}

// plain tells names that may be repeated in an issue: short, letters only but for a leading underscore.
func plain(name string) bool {
	if len(name) > 64 {
		return false
	}
	for i := range len(name) {
		if c := name[i] | 0x20; (c < 'a' || c > 'z') && (i > 0 || name[i] != '_') {
			return false
		}
	}
	return true
}

// onlyID reports whether an element has an id and nothing else (ele-1). What stands beside a primitive is looked at with
// its value.
func onlyID(t *r4.TypeInfo, v fhir.Value) bool {
	c := v.Cursor()
	return t.Kind != r4.Resource && t.Kind != r4.Primitive && c.Next().Name() == "id" && !c.Next().Exists()
}
