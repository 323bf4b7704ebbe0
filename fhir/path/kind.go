package path

import (
	"sync"

	"github.com/ficushealth/ficus/fhir/r4"
)

// kind is a System type (http://hl7.org/fhirpath/N1/#literals).
type kind uint8

const (
	kNone kind = iota
	kBoolean
	kString
	kInteger
	kDecimal
	kDate
	kDateTime
	kTime
	kQuantity
	kTypeInfo
)

var kindNames = [...]string{"", "Boolean", "String", "Integer", "Decimal", "Date", "DateTime", "Time", "Quantity", "TypeInfo"}

func (k kind) String() string { return kindNames[k] }

func kindNamed(name string) kind {
	for k, n := range kindNames {
		if n == name {
			return kind(k)
		}
	}
	return kNone
}

// literal is a System value.
type literal interface {
	kind() kind
	text() string // as toString() gives it
}

type (
	boolean bool
	str     string
	integer int64 // within 32 bits, but for the literal 2147483648 that unary minus makes the smallest
)

func (boolean) kind() kind { return kBoolean }
func (str) kind() kind     { return kString }
func (integer) kind() kind { return kInteger }

func (s str) text() string { return string(s) }
func (b boolean) text() string {
	if b {
		return "true"
	}
	return "false"
}

// typeInfo is what type() gives (http://hl7.org/fhirpath/N1/#reflection). The base is named with its namespace.
type typeInfo struct{ namespace, name, base string }

func (typeInfo) kind() kind     { return kTypeInfo }
func (t typeInfo) text() string { return t.namespace + "." + t.name }

// kindOf is the System type to which a FHIR type converts implicitly.
func kindOf(t *r4.TypeInfo) kind { return fhirKinds()[t.ID] }

var fhirKinds = sync.OnceValue(func() []kind {
	all := make([]kind, len(r4.Types())+1)
	for _, t := range r4.Types() {
		all[t.ID] = convertsTo(t)
	}
	return all
})

func convertsTo(t r4.TypeInfo) kind {
	if r4.IsA(t.Name, "Quantity") {
		return kQuantity
	}
	if t.Kind != r4.Primitive {
		return kNone
	}
	switch t.Name {
	case "boolean":
		return kBoolean
	case "integer", "positiveInt", "unsignedInt":
		return kInteger
	case "decimal":
		return kDecimal
	case "date":
		return kDate
	case "dateTime", "instant":
		return kDateTime
	case "time":
		return kTime
	}
	return kString
}
