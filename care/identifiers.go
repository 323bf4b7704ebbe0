package care

import (
	"bytes"
	"fmt"

	"github.com/ficushealth/ficus/fault"
	"github.com/ficushealth/ficus/fhir"
)

// DistinctIdentifiers is a rule for any resource with identifiers: two of them with the same system and value must be equal
// in everything else too, because whoever looks one up and corrects it would leave the other behind. An exact repetition
// says nothing new and is let alone (an example of FHIR R4 has one), as are identifiers without a system or a value.
// Fault: Unprocessable, at the later one.
func DistinctIdentifiers(r fhir.Resource) error {
	seen := map[[2]string]fhir.Value{}
	i := -1
	for id := range r.Get("identifier").Items() {
		i++
		key := [2]string{id.Get("system").Str(), id.Get("value").Str()}
		if key[0] == "" || key[1] == "" {
			continue
		}
		if first, twice := seen[key]; twice && !bytes.Equal(fhir.Compact(first.Raw()), fhir.Compact(id.Raw())) {
			return breaks(id, "value", fmt.Sprintf("%s.identifier[%d]", r.Type(), i),
				"two identifiers have the same system and value, and differ in something else")
		}
		seen[key] = id
	}
	return nil
}

// NotItself is a rule for an element that refers to another resource of the same type, such as Organization.partOf: it must
// not refer to the resource that holds it. expression is the FHIRPath of the element. Fault: Unprocessable.
func NotItself(r fhir.Resource, reference fhir.Value, expression string) error {
	ref := fhir.ParseRef(reference.Get("reference").Str())
	if ref.Kind != fhir.RefRelative || ref.Type != r.Type() || ref.ID != r.ID() || ref.ID == "" {
		return nil
	}
	return breaks(reference, "business-rule", expression, "it refers to the resource that holds it")
}

// breaks is the fault of a value that a rule refuses.
func breaks(v fhir.Value, code, expression, text string) error {
	line, col := v.Pos()
	return fault.At(fault.Unprocessable, fault.Issue{Code: code, Text: text, Expression: expression, Line: line, Col: col})
}
