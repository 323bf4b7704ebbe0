package index

import "github.com/ficushealth/ficus/fhir"

// Extract gives the index rows of a resource for every search parameter of its type.
func Extract(r fhir.Resource, h Hasher) (Rows, error) {
	return Rows{}, nil
}
