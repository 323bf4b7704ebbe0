package search

import "github.com/ficushealth/ficus/fhir"

// Value is one alternative of a clause. Which fields are set depends on the type of the
// parameter (for a part of a composite, of the component) and on the modifier:
//
//	token               System, Code, HasSystem
//	token :text         Text
//	string              Text
//	uri                 Text
//	reference           Ref, Text
//	reference :identifier  System, Code, HasSystem
//	date                Prefix, Lo, Hi
//	number              Prefix, Num, NumLo, NumHi
//	quantity            as number, and UnitSystem, UnitCode
//	composite           Parts
//	token :in, :not-in  Text, the value set
//	token :of-type      System, Code of the identifier's type, Text its value
//	near                Lat, Lon, Within
//	_text, _content     Text, one word or several that stand side by side
type Value struct {
	Prefix Prefix
	Text   string // unescaped

	// A token: "code" has no system asked for; "system|code" and "|code" set HasSystem, the
	// latter with an empty System (the element must have none); "system|" has an empty Code.
	System, Code string
	HasSystem    bool

	// A reference: of kind RefRelative or RefAbsolute where it names a type and an id. A bare
	// id is RefRelative; its Type is the only type that the parameter can point to, or empty
	// where there are several (Clause.Param.Targets). Anything else is an URL or URN to be
	// compared as text; so may be an absolute one, if the element is a canonical.
	Ref fhir.Ref

	// A date: the first and the last microsecond (since 1970, UTC) that the text as written
	// stands for. A time without zone is taken as UTC.
	Lo, Hi int64

	// A number: Num is the value, NumLo and NumHi bound the values that equal it to the
	// precision given, both inclusive; with the prefix Ap they bound what is near it.
	Num, NumLo, NumHi float64

	// The unit of a quantity: both empty is any unit; a code without a system matches code
	// or text of the unit.
	UnitSystem, UnitCode string

	Parts []Value

	// A place: degrees north and east (WGS 84), and metres around them.
	Lat, Lon, Within float64
}

// Prefix compares the value of a resource, on the left, with the one given
// (https://hl7.org/fhir/R4/search.html#prefix).
type Prefix uint8

// The prefixes; Eq is also that of a value without one.
const (
	Eq Prefix = iota
	Ne
	Gt
	Lt
	Ge
	Le
	Sa // starts after
	Eb // ends before
	Ap // approximately
)
