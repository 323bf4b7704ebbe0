package r4

import (
	"slices"
	"sync"
)

// Resources are the names of the resource types that can be created, sorted: 146. The 148 codes of
// http://hl7.org/fhir/ValueSet/resource-types also count the abstract Resource and DomainResource.
func Resources() []string { return resources() }

// ResourceIndex is the position of a type in Resources. R4 is closed, so it never changes and may be stored.
func ResourceIndex(name string) (int, bool) { return slices.BinarySearch(resources(), name) }

var resources = sync.OnceValue(func() []string {
	var names []string
	for _, t := range Types() {
		if t.Kind == Resource {
			names = append(names, t.Name)
		}
	}
	return names
})
