package store

import (
	"slices"

	"github.com/ficushealth/ficus/fhir"
	"github.com/ficushealth/ficus/fhir/index"
	"github.com/ficushealth/ficus/fhir/r4"
	"github.com/ficushealth/ficus/fhir/search"
)

// Conditional writes must not make, side by side, what one of them has just found missing. Each holds a lock for itself on
// what its condition looks for, and shares one on what the resources that it writes could be found by. So that those who
// look for different things go on side by side, the locks are on names: the values of identifier and url, by which
// conditions mostly look. A condition without a name has the whole type for itself. Writes without a condition have nothing
// that could be made false and take no such lock.

// naming reports whether the search parameter reads just the element of its name, identifier or url.
func naming(typ, code string) bool {
	if code != "identifier" && code != "url" {
		return false
	}
	p, ok := r4.FindParam(typ, code)
	return ok && p.On(typ) == typ+"."+code
}

// names are the names of which every match of the condition has one; nil if there are no such.
func names(h index.Hasher, c *condition) []int64 {
	for _, k := range c.query.Clauses {
		if keys := clauseNames(h, c.typ, k); keys != nil {
			return keys
		}
	}
	return nil
}

func clauseNames(h index.Hasher, typ string, k search.Clause) (keys []int64) {
	if !comparesNames(typ, k) {
		return nil
	}
	for _, v := range k.Values {
		value := v.Code
		if k.Code == "url" {
			value = v.Text
		}
		if value == "" {
			return nil
		}
		keys = append(keys, name(h, typ, k.Code, value))
	}
	return keys
}

func name(h index.Hasher, typ, code, value string) int64 { return h.Key(typ, code, "name", value) }

// namesOf are the names that a resource has.
func namesOf(h index.Hasher, r fhir.Resource) (keys []int64) {
	typ := r.Type()
	if naming(typ, "identifier") {
		for i := range r.Get("identifier").Items() {
			if v := i.Get("value").Str(); v != "" {
				keys = append(keys, name(h, typ, "identifier", v))
			}
		}
	}
	if v := r.Get("url").Str(); v != "" && naming(typ, "url") {
		keys = append(keys, name(h, typ, "url", v))
	}
	slices.Sort(keys)
	return slices.Compact(keys)
}

// comparesNames reports whether the clause asks for nothing but names.
func comparesNames(typ string, k search.Clause) bool {
	return k.Form == search.Compare && k.Modifier == search.NoModifier && naming(typ, k.Code)
}

// meets says whether a resource that is not stored yet meets a condition that asks for nothing but names.
func (c *condition) meets(r fhir.Resource) bool {
	for _, k := range c.query.Clauses {
		if !slices.ContainsFunc(k.Values, func(v search.Value) bool { return bears(r, k.Code, v) }) {
			return false
		}
	}
	return true
}

func bears(r fhir.Resource, code string, v search.Value) bool {
	if code == "url" {
		return r.Get("url").Str() == v.Text
	}
	for i := range r.Get("identifier").Items() {
		if (v.Code == "" || i.Get("value").Str() == v.Code) && (!v.HasSystem || i.Get("system").Str() == v.System) {
			return true
		}
	}
	return false
}
