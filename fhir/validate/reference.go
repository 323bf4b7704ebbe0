package validate

import (
	"slices"
	"strings"

	"github.com/ficushealth/ficus/fhir"
	"github.com/ficushealth/ficus/fhir/r4"
)

// reference checks the type that a relative or conditional reference names. What an absolute URL or a urn points to is
// not known here.
func (w *walk) reference(e *r4.Element, v fhir.Value) {
	literal := v.Get("reference")
	if literal.Kind() != fhir.String {
		return
	}
	ref := fhir.ParseRef(literal.Str())
	if w.rules && ref.Kind == fhir.RefFragment {
		w.fragment(e, literal, ref.Fragment)
	}
	if ref.Kind != fhir.RefRelative && ref.Kind != fhir.RefConditional {
		return
	}
	switch _, known := r4.ResourceIndex(ref.Type); {
	case !known:
		w.say("value", literal, "the reference names no resource type of R4")
	case !targets(e, ref.Type):
		w.say("value", literal, "%s cannot refer to %s, only to %s", e.JSON, ref.Type, strings.Join(e.Targets, ", "))
	}
}

func targets(e *r4.Element, resourceType string) bool {
	return len(e.Targets) == 0 || slices.Contains(e.Targets, resourceType) || slices.Contains(e.Targets, "Resource")
}
