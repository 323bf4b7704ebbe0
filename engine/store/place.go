package store

import (
	"strconv"

	"github.com/ficushealth/ficus/fhir"
)

// placeOf is the FHIRPath of a value inside a resource, empty if it is not in there.
func placeOf(v fhir.Value, r fhir.Resource) string {
	path, _ := pathTo(v, r.Value, r.Type())
	return path
}

func pathTo(v, from fhir.Value, path string) (string, bool) {
	if v.Same(from) {
		return path, true
	}
	for name, m := range from.Members() {
		if found, ok := pathTo(v, m, path+"."+name); ok {
			return found, true
		}
	}
	if from.Kind() != fhir.Array {
		return "", false
	}
	i := 0
	for item := range from.Items() {
		if found, ok := pathTo(v, item, path+"["+strconv.Itoa(i)+"]"); ok {
			return found, true
		}
		i++
	}
	return "", false
}
