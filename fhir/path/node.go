package path

import (
	"github.com/ficushealth/ficus/fhir"
	"github.com/ficushealth/ficus/fhir/r4"
)

// Node is one item of a collection: an element of a resource with its type, or a System value that was computed. The zero
// Node is nothing.
type Node struct {
	v    fhir.Value   // the element; absent for a primitive that has only extensions, and for System values
	ext  fhir.Value   // of a primitive: its sibling with id and extension
	typ  *r4.TypeInfo // nil where the type is not known, and for System values
	elem *r4.Element  // the definition by which the element was reached; nil for a root
	sys  literal      // a System value
}

// Root is a resource as the place where expressions begin.
func Root(r fhir.Resource) Node { return Node{v: r.Value, typ: r4.Lookup(r.Type())} }

// Of is a value taken for the FHIR type of that name ("Quantity", "date", "Patient.contact"). Of an unknown type it is
// navigated by the names of its members alone.
func Of(v fhir.Value, typeName string) Node { return Node{v: v, typ: r4.Lookup(typeName)} }

// At is an element of a type at its place: its value, for a primitive its sibling with id and extensions, the type and the
// definition by which it was reached. What is absent is the zero value or nil.
func At(v, sibling fhir.Value, t *r4.TypeInfo, e *r4.Element) Node {
	return Node{v: v, ext: sibling, typ: t, elem: e}
}

// String is a System.String.
func String(s string) Node { return Node{sys: str(s)} }

// Bool is a System.Boolean.
func Bool(b bool) Node { return Node{sys: boolean(b)} }

// Int is a System.Integer.
func Int(i int32) Node { return Node{sys: integer(i)} }

// Type is the name of the FHIR type ("Patient", "code", "Patient.contact"), "System.Boolean" and the like for a System
// value, "" where it is not known.
func (n Node) Type() string {
	switch {
	case n.sys != nil:
		return "System." + n.sys.kind().String()
	case n.typ != nil:
		return n.typ.Name
	}
	return ""
}

// Value is the element in its document; absent for a System value.
func (n Node) Value() fhir.Value { return n.v }

// Sibling is the object with id and extension that stands beside a primitive; absent where there is none.
func (n Node) Sibling() fhir.Value { return n.ext }

// Element is the definition of the element, nil for a root and for a System value. It must not be changed.
func (n Node) Element() *r4.Element { return n.elem }

// Info is the FHIR type, nil for a System value or where it is not known. It must not be changed.
func (n Node) Info() *r4.TypeInfo { return n.typ }

// Str is the text of a primitive or System value, as toString() gives it; "" for everything else.
func (n Node) Str() string {
	if n.sys != nil {
		return n.sys.text()
	}
	return n.v.Str()
}

// Bool is a boolean's value; false, false for everything else.
func (n Node) Bool() (value, ok bool) {
	b, ok := n.literal().(boolean)
	return bool(b), ok
}

// Kind is the System type that the node is or converts to: "Boolean", "String", "Integer", "Decimal", "Date",
// "DateTime", "Time", "Quantity"; "" for everything else.
func (n Node) Kind() string {
	if k := n.kind(); k != kNone {
		return k.String()
	}
	return ""
}

// AppendJSON appends the node as JSON: an element as it stands in its document, a System value as a number, a boolean or
// a string, a quantity as an object.
func (n Node) AppendJSON(dst []byte) []byte {
	switch l := n.sys.(type) {
	case nil:
		if !n.v.Exists() {
			return append(dst, "null"...)
		}
		return append(dst, n.v.Raw()...)
	case boolean, integer, decimal:
		return append(dst, l.text()...)
	case quantity:
		return l.object().Append(dst)
	default:
		return fhir.AppendString(dst, l.text())
	}
}

// primitive says whether n is of a FHIR primitive type.
func (n Node) primitive() bool { return n.typ != nil && n.typ.Kind == r4.Primitive }

// kind is the System type that the node converts to without loss. It does not look at the value.
func (n Node) kind() kind {
	switch {
	case n.sys != nil:
		return n.sys.kind()
	case n.typ == nil:
		return jsonKind(n.v)
	}
	return kindOf(n.typ)
}

func jsonKind(v fhir.Value) kind {
	switch v.Kind() {
	case fhir.String:
		return kString
	case fhir.Bool:
		return kBoolean
	case fhir.Number:
		return kDecimal
	}
	return kNone
}

// literal is the System value that the node is or converts to (https://hl7.org/fhir/R4/fhirpath.html#types), nil if
// there is none.
func (n Node) literal() literal {
	if n.sys != nil {
		return n.sys
	}
	switch k := n.kind(); k {
	case kNone:
		return nil
	case kQuantity:
		return quantityOf(n.v)
	default:
		return fromText(k, n.v)
	}
}

// fromText reads a primitive's JSON value; nil if it has not the form of its type.
func fromText(k kind, v fhir.Value) literal {
	switch v.Kind() {
	case fhir.Absent, fhir.Null, fhir.Array, fhir.Object:
		return nil
	}
	switch k {
	case kBoolean:
		return truthOf(v)
	case kString:
		return str(v.Str())
	case kInteger:
		return integerOrNil(v.Str())
	case kDecimal:
		return decimalOrNil(v.Str())
	default:
		return temporalOrNil(v.Str(), k)
	}
}

func truthOf(v fhir.Value) literal {
	if v.Kind() != fhir.Bool {
		return nil
	}
	return boolean(v.IsTrue())
}
