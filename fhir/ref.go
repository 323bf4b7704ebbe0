package fhir

import "strings"

// RefKind tells how a reference names its target (https://hl7.org/fhir/R4/references.html).
type RefKind uint8

// The kinds of reference.
const (
	RefOther       RefKind = iota // a URL that is not of the form [base]/[type]/[id]
	RefRelative                   // Patient/123
	RefAbsolute                   // https://example.org/fhir/Patient/123
	RefURN                        // urn:uuid:... or urn:oid:...
	RefFragment                   // #contained
	RefConditional                // Practitioner?identifier=x|1
)

// Ref is a reference taken apart.
type Ref struct {
	Kind              RefKind
	Base              string // RefAbsolute: what stands before the type, without the slash
	Type, ID, Version string // RefRelative, RefAbsolute; Type also of RefConditional
	Query             string // RefConditional: what follows the question mark
	Fragment          string // what follows the hash sign
	Text              string // the whole, as it came
}

// ParseRef takes the text of Reference.reference apart. It never fails: what has no known form is RefOther.
func ParseRef(s string) Ref {
	r := Ref{Text: s}
	body, fragment, _ := strings.Cut(s, "#")
	r.Fragment = fragment
	switch {
	case strings.HasPrefix(s, "#"):
		r.Kind = RefFragment
	case strings.HasPrefix(s, "urn:"):
		r.Kind = RefURN
	case conditional(body):
		r.Kind = RefConditional
		r.Type, r.Query, _ = strings.Cut(body, "?")
	default:
		r.literal(body)
	}
	return r
}

func conditional(s string) bool {
	t, _, ok := strings.Cut(s, "?")
	return ok && isTypeName(t)
}

// literal reads [base/]Type/id[/_history/version].
func (r *Ref) literal(s string) {
	rest := s
	if i := strings.Index(s, "/_history/"); i >= 0 {
		rest, r.Version = s[:i], s[i+len("/_history/"):]
	}
	i := strings.LastIndexByte(rest, '/')
	if i < 0 || !IsID(rest[i+1:]) {
		return
	}
	head, id := rest[:i], rest[i+1:]
	j := strings.LastIndexByte(head, '/')
	if !isTypeName(head[j+1:]) {
		return
	}
	r.Type, r.ID = head[j+1:], id
	switch {
	case j < 0:
		r.Kind = RefRelative
	case strings.Contains(head[:j], "://"):
		r.Kind, r.Base = RefAbsolute, head[:j]
	default:
		r.Type, r.ID = "", ""
	}
}

func isTypeName(s string) bool {
	if s == "" || s[0] < 'A' || s[0] > 'Z' {
		return false
	}
	for i := range len(s) {
		if c := s[i] | 0x20; c < 'a' || c > 'z' {
			return false
		}
	}
	return true
}

// IsID reports whether s is a logical id: 1 to 64 letters, digits, '-' and '.' (https://hl7.org/fhir/R4/datatypes.html#id).
func IsID(s string) bool {
	if len(s) == 0 || len(s) > 64 {
		return false
	}
	for i := range len(s) {
		if !idByte(s[i]) {
			return false
		}
	}
	return true
}

func idByte(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '-' || c == '.'
}
