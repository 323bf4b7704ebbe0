package xml

import (
	"bytes"
	"slices"
)

// space is a namespace, as far as it matters which.
type space uint8

const (
	noSpace space = iota
	fhirSpace
	xhtmlSpace
	schemaSpace // of xsi:schemaLocation
	xmlSpace    // of xml:lang
	otherSpace
	unknownSpace // of a prefix that stands for nothing
)

const (
	fhirURI  = "http://hl7.org/fhir"
	xhtmlURI = "http://www.w3.org/1999/xhtml"
)

func spaceOf(uri []byte) space {
	switch string(uri) {
	case "":
		return noSpace
	case fhirURI:
		return fhirSpace
	case xhtmlURI:
		return xhtmlSpace
	case "http://www.w3.org/2001/XMLSchema-instance":
		return schemaSpace
	case "http://www.w3.org/XML/1998/namespace":
		return xmlSpace
	}
	return otherSpace
}

// spaces are the prefixes that are declared here (https://www.w3.org/TR/xml-names/), the innermost last.
type spaces struct{ bound []binding }

type binding struct {
	prefix []byte // empty: elements without prefix
	space  space
}

const maxBound = 64

// of is the namespace of names with the prefix.
func (s *spaces) of(prefix []byte) space {
	for _, b := range slices.Backward(s.bound) {
		if bytes.Equal(b.prefix, prefix) {
			return b.space
		}
	}
	switch string(prefix) {
	case "":
		return noSpace
	case "xml":
		return xmlSpace
	}
	return unknownSpace
}

// space is the namespace of names with that prefix.
func (s *scanner) space(prefix span) space { return s.of(s.get(prefix)) }

// declared takes the declarations of the tag. The reader drops them again with leave.
func (s *scanner) declared() error {
	for i := range s.tag.attrs {
		a := &s.tag.attrs[i]
		if !s.declares(a) {
			continue
		}
		b := binding{space: spaceOf(s.get(a.value))}
		if !a.prefix.empty() {
			b.prefix = s.get(a.local)
		}
		if bad := b.misdeclared(); bad != "" {
			return s.fail(a.at, bad)
		}
		if len(s.bound) == maxBound {
			return s.fail(a.at, "too many namespaces are declared")
		}
		s.bound = append(s.bound, b)
	}
	return nil
}

func (b binding) misdeclared() string {
	xml := string(b.prefix) == "xml"
	switch {
	case string(b.prefix) == "xmlns" || xml != (b.space == xmlSpace):
		return "the prefixes xml and xmlns cannot be declared anew"
	case len(b.prefix) > 0 && b.space == noSpace:
		return "a prefix must stand for a namespace"
	}
	return ""
}

// enter is where the declarations of the tag that was just read begin, for leave.
func (s *scanner) enter() int {
	n := len(s.bound)
	for i := range s.tag.attrs {
		if s.declares(&s.tag.attrs[i]) {
			n--
		}
	}
	return n
}

func (s *scanner) leave(mark int) { s.bound = s.bound[:mark] }
