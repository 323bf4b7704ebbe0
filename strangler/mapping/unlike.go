package mapping

import (
	"fmt"

	"github.com/ficushealth/ficus/fhir"
)

// unlike is the path of the first place where two values differ, the order of members aside; "" if there is none.
func unlike(a, b fhir.Value, path string) string {
	switch {
	case a.Kind() != b.Kind():
		return path
	case a.Kind() == fhir.Object:
		return unlikeMembers(a, b, path)
	case a.Kind() == fhir.Array:
		return unlikeItems(a, b, path)
	case a.Str() != b.Str():
		return path
	}
	return ""
}

func unlikeMembers(a, b fhir.Value, path string) string {
	for name, v := range a.Members() {
		if wrong := unlike(v, b.Get(name), path+"."+name); wrong != "" {
			return wrong
		}
	}
	for name := range b.Members() {
		if !a.Get(name).Exists() {
			return path + "." + name
		}
	}
	return ""
}

func unlikeItems(a, b fhir.Value, path string) string {
	if a.Len() != b.Len() {
		return path
	}
	for i := range a.Len() {
		if wrong := unlike(a.At(i), b.At(i), fmt.Sprintf("%s[%d]", path, i)); wrong != "" {
			return wrong
		}
	}
	return ""
}
