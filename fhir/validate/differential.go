package validate

import (
	"slices"
	"strconv"
	"strings"

	"github.com/ficushealth/ficus/fhir"
	"github.com/ficushealth/ficus/fhir/path"
	"github.com/ficushealth/ficus/fhir/r4"
)

// structureDefinition checks that a profile names elements that its type has, and asks of them no less than R4 does.
func (p *pass) structureDefinition(it item) {
	typ := r4.Lookup(it.v.Get("type").Str())
	if it.v.Get("derivation").Str() != "constraint" || typ == nil {
		return
	}
	if base := p.typeOfDefinition(it.v.Get("baseDefinition").Str()); base != "" && !r4.IsA(typ.Name, base) {
		p.tell(failure, "value", it.v.Get("type"), "a profile is of the type of its base definition")
	}
	own := it.v.Get("url").Str()
	for _, part := range []string{"snapshot", "differential"} {
		p.push(part)
		i := 0
		for e := range p.each(it.v.Get(part).Get("element")) {
			p.push("element")
			p.walk.index(i)
			p.elementDefinition(typ, e)
			if url := e.Get("fixedUri"); e.Get("path").Str() == "Extension.url" && url.Exists() && url.Str() != own {
				p.tell(failure, "value", url, "the url of an extension is that of its definition")
			}
			p.pop()
			i++
		}
		p.pop()
	}
}

// typeOfDefinition is the type that a definition is of, "" if it is not loaded.
func (p *pass) typeOfDefinition(url string) string {
	if t := baseType(url); t != nil {
		return t.Name
	}
	if def := p.profile(url); def != nil {
		return def.typ
	}
	return ""
}

func (p *pass) elementDefinition(typ *r4.TypeInfo, e fhir.Value) {
	for c := range p.each(e.Get("constraint")) {
		if x := c.Get("expression"); x.Kind() == fhir.String {
			p.readable(x)
		}
	}
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
		p.valued(base, e)
	}
}

// elementAt is the element of R4 that a path names; sure is false where the way leads through what only data or other
// profiles decide.
func elementAt(t *r4.TypeInfo, names []string) (e *r4.Element, sure bool) {
	for i, name := range names {
		if t == nil || t.Kind == r4.Abstract && t.Name == "Resource" {
			return nil, false
		}
		if t.Kind == r4.Primitive && name == "value" {
			return nil, false // the value itself, which has no element in the tables
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

// readable checks that the expression of an invariant is FHIRPath.
func (p *pass) readable(x fhir.Value) {
	if _, err := path.Compile(x.Str()); err != nil {
		p.tell(failure, "invalid", x, "the expression of the invariant is not FHIRPath")
	}
}

// valued checks that a fixed value or pattern is of a type that the element may have, and that a binding stands on codes.
func (p *pass) valued(base *r4.Element, e fhir.Value) {
	types := typesOf(base, e)
	for name, v := range e.Members() {
		for _, stem := range []string{"fixed", "pattern"} {
			suffix, ok := strings.CutPrefix(name, stem)
			if ok && suffix != "" && !slices.ContainsFunc(types, func(t string) bool { return isNamed(t, suffix) }) {
				p.tell(failure, "value", v, "the element cannot be of the type of this value")
			}
		}
	}
	if e.Get("binding").Exists() && !slices.ContainsFunc(types, bindable) {
		p.tell(failure, "business-rule", e.Get("binding"), "a binding stands only on an element that holds a code")
	}
}

// typesOf are the types that a definition allows, those of R4 where it says nothing.
func typesOf(base *r4.Element, e fhir.Value) []string {
	var out []string
	for t := range e.Get("type").Items() {
		out = append(out, t.Get("code").Str())
	}
	if out == nil {
		return base.Types
	}
	return out
}

// isNamed reports whether a type is the one at the end of the name of a choice: a System type is what R4 calls so too.
func isNamed(name, suffix string) bool {
	t := r4.Lookup(name)
	return t == nil || t.Kind == r4.Abstract || strings.EqualFold(name, suffix) || suffix == "String" && (name == "id" || name == "uri")
}

// bindable reports whether a type may be bound to a value set (https://hl7.org/fhir/R4/terminologies.html#4.1).
func bindable(name string) bool {
	switch name {
	case "code", "Coding", "CodeableConcept", "Quantity", "string", "uri", "Extension":
		return true
	}
	t := r4.Lookup(name)
	return t == nil || t.Kind == r4.Abstract || r4.IsA(name, "Quantity") || r4.IsA(name, "uri")
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
