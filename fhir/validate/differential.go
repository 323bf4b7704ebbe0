package validate

import (
	"slices"
	"strconv"
	"strings"

	"github.com/ficushealth/ficus/fhir"
	"github.com/ficushealth/ficus/fhir/r4"
)

// structureDefinition checks that a profile names elements that its type has, and asks of them no less than R4 does.
func (p *pass) structureDefinition(it item) {
	typ := r4.Lookup(it.v.Get("type").Str())
	if it.v.Get("derivation").Str() != "constraint" || typ == nil {
		return
	}
	for _, part := range []string{"snapshot", "differential"} {
		p.push(part)
		i := 0
		for e := range it.v.Get(part).Get("element").Items() {
			p.push("element")
			p.walk.index(i)
			p.elementDefinition(typ, e)
			p.pop()
			i++
		}
		p.pop()
	}
}

func (p *pass) elementDefinition(typ *r4.TypeInfo, e fhir.Value) {
	names := strings.Split(e.Get("path").Str(), ".")
	if names[0] != typ.Name || len(names) == 1 {
		return // sdf-8 and sdf-8a speak of the first name
	}
	base, sure := elementAt(typ, names[1:])
	switch {
	case !sure:
	case base == nil:
		p.tell(failure, "value", e, "R4 has no element of this path")
	default:
		p.within4(base, e)
	}
}

// elementAt is the element of R4 that a path names; sure is false where the way leads through what only data or other
// profiles decide.
func elementAt(t *r4.TypeInfo, names []string) (e *r4.Element, sure bool) {
	for i, name := range names {
		if t == nil || t.Kind == r4.Abstract && t.Name == "Resource" {
			return nil, false
		}
		if e = elementOf(t, name); e == nil {
			return nil, true
		}
		if i < len(names)-1 {
			t = r4.ByID(e.Type)
		}
	}
	return e, true
}

// elementOf finds an element as definitions name it: name, value[x], valueQuantity, and name:slice as old ones wrote.
func elementOf(t *r4.TypeInfo, name string) *r4.Element {
	name, _, _ = strings.Cut(name, ":")
	for i := range t.Elements {
		if t.Elements[i].JSON == name {
			return &t.Elements[i]
		}
	}
	return t.Find(name)
}

// within4 compares cardinality and types with those of R4.
func (p *pass) within4(base *r4.Element, e fhir.Value) {
	if least, err := strconv.Atoi(e.Get("min").Str()); err == nil && least < base.Min && !e.Get("sliceName").Exists() {
		p.tell(failure, "value", e, "the element is required in R4, so a profile cannot make it optional")
	}
	most := e.Get("max").Str()
	if n, err := strconv.Atoi(most); base.Max == 1 && (most == "*" || err == nil && n > 1) {
		p.tell(failure, "value", e, "the element stands at most once in R4, so a profile cannot let it repeat")
	}
	for t := range e.Get("type").Items() {
		code := t.Get("code").Str()
		if r4.Lookup(code) == nil || base.ContentRef != "" {
			continue
		}
		if !slices.ContainsFunc(base.Types, func(name string) bool { return admits(name, code) }) {
			p.tell(failure, "value", e, "the element has no type %s in R4", code)
		}
	}
}

// admits reports whether a profile may name a type for an element of another; a backbone element is of the type of its path.
func admits(base, code string) bool {
	t := r4.Lookup(base)
	return t == nil || r4.IsA(code, base) || t.Kind == r4.Backbone || base == "Resource" || base == "Element" || base == "id" && code == "string"
}
