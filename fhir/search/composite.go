package search

import (
	"fmt"

	"github.com/ficushealth/ficus/fhir/r4"
)

// composite reads part$part, each by the type of its component
// (https://hl7.org/fhir/R4/search.html#composite).
func composite(text string, param r4.Param) (v Value, bad string) {
	parts := split(text, '$')
	if len(parts) != len(param.Components) {
		return Value{}, fmt.Sprintf("must have %d parts with $ between them", len(param.Components))
	}
	for i, c := range param.Components {
		part, bad := component(parts[i], c)
		if bad != "" {
			return Value{}, fmt.Sprintf("(part %d) %s", i+1, bad)
		}
		v.Parts = append(v.Parts, part)
	}
	return v, ""
}

func component(text string, c r4.Component) (v Value, bad string) {
	if text == "" {
		return Value{}, "is empty"
	}
	if c.Type == "reference" {
		return reference(text, "")
	}
	return simple(text, c.Type)
}
