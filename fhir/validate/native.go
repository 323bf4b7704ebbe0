package validate

import (
	"strings"

	"github.com/ficushealth/ficus/fhir"
)

// natives are invariants of R4 in Go, by key: those that stand on nearly every resource. A test compares each with its
// expression.
var natives = map[string]native{
	"dom-4": sure(containedUnversioned),
	"dom-5": sure(containedWithoutLabels),
	"dom-6": sure(func(v fhir.Value) bool { return there(v.Get("text"), "div") }),
	"qty-3": sure(needs("code", "system")),
	"cpt-2": sure(needs("value", "system")),
	"att-1": sure(needs("data", "contentType")),
	"obs-3": sure(either("low", "high", "text")),
	"obs-6": sure(obs6),
	"pat-1": sure(either("name", "telecom", "address", "organization")),
	"per-1": per1,
}

// native says whether an invariant holds; where it is not sure, the expression is asked.
type native func(v fhir.Value) (holds, sure bool)

func sure(f func(fhir.Value) bool) native {
	return func(v fhir.Value) (bool, bool) { return f(v), true }
}

// there says whether an object has a property, if only by its extensions.
func there(v fhir.Value, name string) bool { return v.Get(name).Exists() || sibling(v, name).Exists() }

// needs: whoever has the one has the other.
func needs(one, other string) func(fhir.Value) bool {
	return func(v fhir.Value) bool { return !there(v, one) || there(v, other) }
}

// either: one of them is there.
func either(names ...string) func(fhir.Value) bool {
	return func(v fhir.Value) bool {
		for _, n := range names {
			if there(v, n) {
				return true
			}
		}
		return false
	}
}

func containedUnversioned(v fhir.Value) bool {
	for c := range v.Get("contained").Items() {
		if m := c.Get("meta"); m.Exists() && (there(m, "versionId") || there(m, "lastUpdated")) {
			return false
		}
	}
	return true
}

func containedWithoutLabels(v fhir.Value) bool {
	for c := range v.Get("contained").Items() {
		if c.Get("meta").Get("security").Exists() {
			return false
		}
	}
	return true
}

func obs6(v fhir.Value) bool {
	if !v.Get("dataAbsentReason").Exists() {
		return true
	}
	for name := range v.Members() {
		if strings.HasPrefix(strings.TrimPrefix(name, "_"), "value") {
			return false
		}
	}
	return true
}

// per1 compares the texts where that is enough: two moments of one form and zone compare as their texts do. Of others it
// is not sure.
func per1(v fhir.Value) (holds, sure bool) {
	start, end := v.Get("start").Str(), v.Get("end").Str()
	switch {
	case start == "" || end == "":
		return true, true
	case len(start) != len(end):
		return false, false
	case len(start) > 10 && start[max(19, len(start)-6):] != end[max(19, len(end)-6):]:
		return false, false
	}
	return start <= end, true
}
