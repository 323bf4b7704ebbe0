package index

import (
	"sync"

	"github.com/ficushealth/ficus/fhir/path"
	"github.com/ficushealth/ficus/fhir/r4"
)

// shape sorts the types that search parameters lead to by how they are read.
type shape uint8

const (
	opaque shape = iota // has no rows
	plainText
	uriText
	code
	truth
	number
	moment
	concept
	coding
	identifier
	contact
	humanName
	address
	reference
	period
	timing
	quantity
	money
	rangeOf
	sampled
	resource
)

// shapeOf is the shape of what an expression gave.
func shapeOf(n path.Node) shape {
	if t := n.Info(); t != nil {
		return shapes()[t.ID]
	}
	return opaque
}

var shapes = sync.OnceValue(func() []shape {
	all := make([]shape, len(r4.Types())+1)
	for _, t := range r4.Types() {
		all[t.ID] = shapeNamed(t)
	}
	return all
})

func shapeNamed(t r4.TypeInfo) shape {
	if t.Kind == r4.Resource {
		return resource
	}
	if t.Kind == r4.Primitive {
		return primitiveNamed(t.Name)
	}
	if r4.IsA(t.Name, "Quantity") {
		return quantity
	}
	switch t.Name {
	case "CodeableConcept":
		return concept
	case "Coding":
		return coding
	case "Identifier":
		return identifier
	case "ContactPoint":
		return contact
	case "HumanName":
		return humanName
	case "Address":
		return address
	case "Reference":
		return reference
	case "Period":
		return period
	case "Timing":
		return timing
	case "Money":
		return money
	case "Range":
		return rangeOf
	case "SampledData":
		return sampled
	}
	return opaque
}

func primitiveNamed(name string) shape {
	switch name {
	case "code":
		return code
	case "boolean":
		return truth
	case "decimal", "integer", "positiveInt", "unsignedInt":
		return number
	case "date", "dateTime", "instant":
		return moment
	case "uri", "url", "canonical", "oid", "uuid":
		return uriText
	case "time", "base64Binary", "xhtml":
		return opaque
	}
	return plainText
}
