package r4

import (
	_ "embed"
	"sync"
)

//go:embed tables/compartments.txt
var compartmentsText string

// Compartment are the codes of the search parameters by which resources of a type belong to a compartment ("Patient",
// "Encounter", "RelatedPerson", "Practitioner", "Device"; https://hl7.org/fhir/R4/compartmentdefinition.html). Nil: the
// type has no place in it. That a patient is in his own compartment is not said by a parameter.
func Compartment(name, resourceType string) []string {
	return compartments()[[2]string{name, resourceType}]
}

var compartments = sync.OnceValue(func() map[[2]string][]string {
	all := make(map[[2]string][]string, 256)
	for s := (&scanner{rest: compartmentsText}); s.next(); {
		all[[2]string{s.field(), s.field()}] = s.list()
	}
	return all
})
