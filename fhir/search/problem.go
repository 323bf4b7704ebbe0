package search

import (
	"fmt"

	"github.com/ficushealth/ficus/fhir/r4"
)

// problem is what is wrong with one parameter; its text follows the parameter's name and
// never holds a value.
type problem struct {
	code, text string
	skippable  bool // may be left out when handling is lenient
	set        *r4.ParamSet
	typ, typo  string // a type, and what is no parameter of it: the message may suggest others
}

func malformed(format string, args ...any) *problem {
	return &problem{code: "invalid", text: fmt.Sprintf(format, args...)}
}

// badValue is wrong only in its value: another would do.
func badValue(format string, args ...any) *problem {
	return &problem{code: "value", text: fmt.Sprintf(format, args...)}
}

func skippable(code, text string) *problem { return &problem{code: code, text: text, skippable: true} }

// unknownParam leaves the search for a better name until it is wanted: a chain may try very many.
func unknownParam(text string, set *r4.ParamSet, typ, code string) *problem {
	return &problem{code: "not-supported", text: text + typ, skippable: true, set: set, typ: typ, typo: code}
}

func (p *problem) message() string {
	if p.typo == "" {
		return p.text
	}
	return p.text + suggest(p.set, p.typ, p.typo)
}

func notServed(what string) *problem {
	return skippable("not-supported", what+" not supported yet")
}

// Printable is a parameter's name as it may be repeated in a message: what is no name
// could be anything, also something about a patient.
func Printable(name string) string {
	if name == "" {
		return "(empty name)"
	}
	for i := range len(name) {
		if !nameByte(name[i]) {
			return "(unreadable name)"
		}
	}
	if len(name) > longestName {
		return name[:longestName] + "..."
	}
	return name
}

// longestName is how much of a name a message repeats.
const longestName = 80

func nameByte(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '-' || c == '_' || c == '.' || c == ':'
}
