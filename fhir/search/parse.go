package search

import "github.com/ficushealth/ficus/fault"

// Handling says what to do with a parameter that is unknown or not served
// (https://hl7.org/fhir/R4/search.html#errors).
type Handling uint8

// Strict refuses the search; Lenient leaves the parameter out and says so.
const (
	Strict Handling = iota
	Lenient
)

// Parse reads the pairs of a search over resourceType ("" is all types).
// ignored are warnings about what was left out.
// Faults: Invalid with one issue for each thing wrong, its Expression "http.<parameter>".
func Parse(resourceType string, pairs []Pair, h Handling) (q Query, ignored []fault.Issue, err error) {
	return Query{Type: resourceType, Count: -1}, nil, nil
}
