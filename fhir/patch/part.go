package patch

import (
	"strings"

	"github.com/ficushealth/ficus/fault"
	"github.com/ficushealth/ficus/fhir"
	"github.com/ficushealth/ficus/fhir/r4"
)

// part is the value that an operation brings: of one type, or as parts of their own where the element has a type without
// a name, such as Patient.contact.
type part struct {
	name  string
	typ   string     // of value[x]: "HumanName"; "" for parts and resources
	value fhir.Value // of value[x], or the resource
	ext   fhir.Value // the sibling of a primitive
	parts []part
}

// element is a part as it will stand in a resource.
type element struct{ value, ext *node }

func (e element) empty() bool { return e.value == nil && e.ext == nil }

// readPart reads a part of a Parameters resource. Faults: Invalid.
func readPart(v fhir.Value, depth int) (part, error) {
	p := part{name: v.Get("name").Str(), value: v.Get("resource")}
	if depth == 0 {
		return p, fault.New(fault.Invalid, "the value has parts that are nested too deep")
	}
	for name, m := range v.Members() {
		plain := strings.TrimPrefix(name, "_")
		typ, is := strings.CutPrefix(plain, "value")
		if !is || typ == "" {
			continue
		}
		if p.typ != "" && p.typ != typeName(typ) || p.value.Exists() && v.Get("resource").Exists() {
			return p, fault.New(fault.Invalid, "a part has one value only")
		}
		p.typ = typeName(typ)
		if plain == name {
			p.value = m
		} else {
			p.ext = m
		}
	}
	for sub := range v.Get("part").Items() {
		s, err := readPart(sub, depth-1)
		if err != nil {
			return p, err
		}
		p.parts = append(p.parts, s)
	}
	if (p.value.Exists() || p.ext.Exists()) == (len(p.parts) > 0) {
		return p, fault.New(fault.Invalid, "a value is one value[x], one resource, or parts")
	}
	return p, nil
}

// typeName is the type that a property such as valueHumanName or valueBoolean names.
func typeName(suffix string) string {
	if r4.Lookup(suffix) != nil {
		return suffix
	}
	return strings.ToLower(suffix[:1]) + suffix[1:]
}

// as makes the part what an element of this definition holds. Faults: Unprocessable for the wrong type.
func (p part) as(e *r4.Element) (element, error) {
	t := r4.ByID(e.Type)
	if e.ContentRef != "" {
		t = r4.Lookup(e.ContentRef)
	}
	if t == nil {
		return element{}, refusal("the type of the element is not known")
	}
	if len(p.parts) > 0 {
		return p.object(t)
	}
	if !p.fits(t) {
		return element{}, refusal("the value is not of the type of the element")
	}
	out := element{}
	if p.value.Exists() {
		out.value = untouched(p.value)
	}
	if p.ext.Exists() {
		out.ext = untouched(p.ext)
	}
	return out, nil
}

// fits reports whether the part's value can stand where the definition asks for type t. Between primitives that are written
// alike it is generous, as the published tests are: a string for the narrative, a date for a dateTime.
func (p part) fits(t *r4.TypeInfo) bool {
	if p.typ == "" {
		return p.value.Kind() == fhir.Object && (t.Kind == r4.Resource || t.Kind == r4.Abstract)
	}
	own := r4.Lookup(p.typ)
	switch {
	case own == nil:
		return false
	case own.Kind == r4.Primitive && t.Kind == r4.Primitive:
		return !p.value.Exists() || p.value.Kind() == written(t.Name)
	case own.Kind == r4.Primitive || p.value.Kind() != fhir.Object:
		return false
	}
	return r4.IsA(p.typ, t.Name) || r4.IsA(t.Name, p.typ)
}

// written is how a primitive stands in JSON.
func written(primitive string) fhir.Kind {
	switch primitive {
	case "boolean":
		return fhir.Bool
	case "integer", "unsignedInt", "positiveInt", "decimal":
		return fhir.Number
	}
	return fhir.String
}

// object puts an element together out of its parts.
func (p part) object(t *r4.TypeInfo) (element, error) {
	if t.Kind == r4.Primitive {
		return element{}, refusal("the value is not of the type of the element")
	}
	out := newObject()
	for _, sub := range p.parts {
		if err := add(out, t, sub.name, sub); err != nil {
			return element{}, err
		}
	}
	return element{value: out}, nil
}

// property finds the definition of a child: by its name, or, for a choice, by its name and the type of the value.
func (p part) property(t *r4.TypeInfo, name string) (*r4.Element, error) {
	if e := t.Find(name); e != nil {
		return e, nil
	}
	for _, c := range t.Choices(name) {
		if p.typ != "" && len(c.Types) == 1 && c.Types[0] == p.typ {
			return &c, nil
		}
	}
	if len(t.Choices(name)) > 0 {
		return nil, refusal("the element cannot have a value of this type")
	}
	return nil, refusal("the type at this path has no element of that name")
}
