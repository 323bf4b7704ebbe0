package patients

import (
	"context"
	"fmt"

	"github.com/ficushealth/ficus/care"
	"github.com/ficushealth/ficus/engine/store"
	"github.com/ficushealth/ficus/fault"
	"github.com/ficushealth/ficus/fhir"
	"github.com/ficushealth/ficus/fhir/index"
)

// Rule guards each write of a Patient. Fault: Unprocessable, with the place.
func Rule(_ context.Context, d store.Draft) error {
	if !d.New.Exists() || d.Replayed {
		return nil
	}
	for _, rule := range []func(fhir.Resource) error{care.DistinctIdentifiers, notLinkedToItself, notDeadBeforeBirth} {
		if err := rule(d.New); err != nil {
			return err
		}
	}
	return nil
}

func notLinkedToItself(r fhir.Resource) error {
	i := -1
	for link := range r.Get("link").Items() {
		i++
		if err := care.NotItself(r, link.Get("other"), fmt.Sprintf("Patient.link[%d].other", i)); err != nil {
			return err
		}
	}
	return nil
}

// notDeadBeforeBirth compares what is certain: a death in a month is not before a birth on a day of it. What is no date is
// the validator's to refuse.
func notDeadBeforeBirth(r fhir.Resource) error {
	death := r.Get("deceasedDateTime")
	birth, _, err := index.ParseDate(r.Get("birthDate").Str())
	if err != nil || !death.Exists() {
		return nil
	}
	_, latest, err := index.ParseDate(death.Str())
	if err != nil || latest >= birth {
		return nil
	}
	line, col := death.Pos()
	return fault.At(fault.Unprocessable, fault.Issue{
		Code: "business-rule", Text: "the death lies before the birth", Expression: "Patient.deceased", Line: line, Col: col,
	})
}
