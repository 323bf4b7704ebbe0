package mapping

import (
	"encoding/base64"

	"github.com/ficushealth/ficus/fhir"
)

// spot is a place that takes the value of a column: an element of the target, or a field of a record.
type spot struct {
	conv   conversion
	slot   int
	second int   // slot of the comparator of a quantity
	leaf   *leaf // nil in a record
	route  route
	field  string // of a record
}

// route leads from the root of a target, or of a child's item, to an element. If the element is an object, the steps lead
// into it, else to the object that it is a member of.
type route struct {
	steps []step
	name  string
	under string // the name with the underscore
	many  bool
	whole bool // the element is an object, and what stands beside its value stands in it
}

// step goes into a member. Of a repeating one it takes the first item that holds the pattern.
type step struct {
	name    string
	many    bool
	pattern fhir.Value
}

func (s step) into(v fhir.Value) fhir.Value {
	v = v.Get(s.name)
	if !s.many {
		return v
	}
	for item := range v.Items() {
		if holds(item, s.pattern) {
			return item
		}
	}
	return fhir.Value{}
}

// holds reports whether v has everything that the pattern has: its members, and for each of its items one that holds it.
func holds(v, pattern fhir.Value) bool {
	switch pattern.Kind() {
	case fhir.Absent:
		return true
	case fhir.Object:
		for name, p := range pattern.Members() {
			if !holds(v.Get(name), p) {
				return false
			}
		}
		return v.Exists()
	case fhir.Array:
		for p := range pattern.Items() {
			if !anyHolds(v, p) {
				return false
			}
		}
		return v.Exists()
	}
	return v.Kind() == pattern.Kind() && v.Str() == pattern.Str()
}

func anyHolds(v, pattern fhir.Value) bool {
	for item := range v.Items() {
		if holds(item, pattern) {
			return true
		}
	}
	return false
}

// walk goes along steps.
func walk(v fhir.Value, steps []step) fhir.Value {
	for _, s := range steps {
		if v = s.into(v); !v.Exists() {
			break
		}
	}
	return v
}

// find returns the element and what holds the extensions beside it.
func (p *route) find(root fhir.Value) (v, beside fhir.Value) {
	parent := walk(root, p.steps)
	if p.whole {
		return parent, parent
	}
	v = parent.Get(p.name)
	if p.many {
		v = v.At(0)
	}
	beside = parent.Get(p.under)
	if p.many {
		beside = beside.At(0)
	}
	return v, beside
}

// extension returns the extension with that url.
func extension(v fhir.Value, url string) fhir.Value {
	for e := range v.Get("extension").Items() {
		if e.Get("url").Str() == url {
			return e
		}
	}
	return fhir.Value{}
}

// original reads what appendOriginal wrote.
func original(extension fhir.Value) ([]byte, bool) {
	if s := extension.Get("valueString"); s.Exists() {
		return []byte(s.Str()), true
	}
	b, err := base64.StdEncoding.DecodeString(extension.Get("valueBase64Binary").Str())
	return b, err == nil
}
