package validate

import (
	"github.com/ficushealth/ficus/fhir"
	"github.com/ficushealth/ficus/fhir/r4"
)

// concept checks a required binding of a CodeableConcept: one of its codings must be in the value set
// (https://hl7.org/fhir/R4/terminologies.html#required).
func (w *walk) concept(e *r4.Element, v fhir.Value) {
	set := e.Codes()
	if set == nil {
		return
	}
	for coding := range v.Get("coding").Items() {
		if set.Contains(coding.Get("system").Str(), coding.Get("code").Str()) {
			return
		}
	}
	w.say("code-invalid", v, "%s needs a coding from the value set %s", e.JSON, set.URL)
}

// code checks a required binding of a code.
func (w *walk) code(e *r4.Element, v fhir.Value, code string) {
	if set := e.Codes(); set != nil && !set.Has(code) {
		w.say("code-invalid", v, "the code of %s is not in the value set %s", e.JSON, set.URL)
	}
}
