package search

import (
	"strings"

	"github.com/ficushealth/ficus/fhir"
	"github.com/ficushealth/ficus/fhir/r4"
)

// reference reads id, Type/id or an URL (https://hl7.org/fhir/R4/search.html#reference).
// target is the type that a bare id belongs to and that Type must be, "" if that is open.
func reference(text, target string) (v Value, bad string) {
	s := unescape(text)
	ref := fhir.ParseRef(s)
	if fhir.IsID(s) {
		ref = fhir.Ref{Kind: fhir.RefRelative, Type: target, ID: s, Text: s}
	}
	if bad := wrongRef(ref, target); bad != "" {
		return Value{}, bad
	}
	return Value{Text: s, Ref: ref}, ""
}

// lacksID reports whether a text ends as a reference to a type of R4 begins, with nothing behind the slash. What is there need not
// be an id, nor be all: a canonical url ends as its author likes, and may have a version behind a bar
// (https://hl7.org/fhir/R4/references.html#canonical).
func lacksID(text string) bool {
	url, _, _ := strings.Cut(text, "|")
	parts := strings.Split(url, "/")
	if len(parts) < 2 || parts[len(parts)-1] != "" {
		return false
	}
	_, known := r4.ResourceIndex(parts[len(parts)-2])
	return known
}

func wrongRef(ref fhir.Ref, target string) string {
	switch ref.Kind {
	case fhir.RefOther:
		if lacksID(ref.Text) {
			return "names a type without an id: write an id, Type/id or an URL"
		}
	case fhir.RefConditional, fhir.RefFragment:
		return "must be an id, Type/id or an URL"
	case fhir.RefRelative:
		if _, known := r4.ResourceIndex(ref.Type); ref.Type != "" && !known {
			return "names a resource type that FHIR R4 does not have"
		}
	}
	if target != "" && ref.Type != "" && ref.Type != target && ref.Kind == fhir.RefRelative {
		return "must refer to " + target
	}
	return ""
}
