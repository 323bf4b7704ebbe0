package validate

import "github.com/ficushealth/ficus/fhir"

// same reports whether a value is exactly a fixed one; members may come in another order
// (https://hl7.org/fhir/R4/elementdefinition-definitions.html#ElementDefinition.fixed_x_).
func same(fixed, v fhir.Value) bool {
	if fixed.Kind() != v.Kind() {
		return false
	}
	switch fixed.Kind() {
	case fhir.Object:
		if fixed.Len() != v.Len() {
			return false
		}
		for name, f := range fixed.Members() {
			if !same(f, v.Get(name)) {
				return false
			}
		}
		return true
	case fhir.Array:
		a, b := fixed.Cursor(), v.Cursor()
		for {
			x, y := a.Next(), b.Next()
			if !x.Exists() || !y.Exists() {
				return x.Exists() == y.Exists()
			}
			if !same(x, y) {
				return false
			}
		}
	}
	return fixed.Str() == v.Str()
}

// fits reports whether a value has at least what a pattern has; an item of a pattern's array may stand anywhere in the
// array (https://hl7.org/fhir/R4/elementdefinition-definitions.html#ElementDefinition.pattern_x_).
func fits(pattern, v fhir.Value) bool {
	if pattern.Kind() != v.Kind() {
		return false
	}
	switch pattern.Kind() {
	case fhir.Object:
		for name, f := range pattern.Members() {
			if !fits(f, v.Get(name)) {
				return false
			}
		}
		return true
	case fhir.Array:
		for f := range pattern.Items() {
			if !anyFits(f, v) {
				return false
			}
		}
		return true
	}
	return pattern.Str() == v.Str()
}

func anyFits(pattern, list fhir.Value) bool {
	for v := range list.Items() {
		if fits(pattern, v) {
			return true
		}
	}
	return false
}
