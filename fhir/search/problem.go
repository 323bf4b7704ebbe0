package search

import "fmt"

// problem is what is wrong with one parameter; its text follows the parameter's name and
// never holds a value.
type problem struct {
	code, text string
	skippable  bool // may be left out when handling is lenient
}

func malformed(format string, args ...any) *problem {
	return &problem{"invalid", fmt.Sprintf(format, args...), false}
}

func skippable(code, text string) *problem { return &problem{code, text, true} }

func notServed(what string) *problem {
	return skippable("not-supported", what+" not supported yet")
}

// Printable is a parameter's name as it may be repeated in a message: what is no name
// could be anything, also something about a patient.
func Printable(name string) string {
	if len(name) > 80 || name == "" {
		return "(unreadable name)"
	}
	for i := range len(name) {
		if !nameByte(name[i]) {
			return "(unreadable name)"
		}
	}
	return name
}

func nameByte(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '-' || c == '_' || c == '.' || c == ':'
}
