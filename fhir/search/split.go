package search

import "strings"

// split cuts s at each sep that no backslash stands in front of; the parts stay escaped
// (https://hl7.org/fhir/R4/search.html#escaping).
func split(s string, sep byte) []string {
	var parts []string
	from := 0
	for i := 0; i < len(s); i++ {
		switch s[i] {
		case '\\':
			i++
		case sep:
			parts = append(parts, s[from:i])
			from = i + 1
		}
	}
	return append(parts, s[from:])
}

// unescape undoes \, \| \$ and \\; any other backslash stands for itself.
func unescape(s string) string {
	if strings.IndexByte(s, '\\') < 0 {
		return s
	}
	out := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		if s[i] == '\\' && i+1 < len(s) && special(s[i+1]) {
			i++
		}
		out = append(out, s[i])
	}
	return string(out)
}

func special(c byte) bool { return c == ',' || c == '|' || c == '$' || c == '\\' }

// Escape writes s so that it stands for itself in a value.
func Escape(s string) string {
	if !strings.ContainsAny(s, `,|$\`) {
		return s
	}
	out := make([]byte, 0, len(s)+8)
	for i := range len(s) {
		if special(s[i]) {
			out = append(out, '\\')
		}
		out = append(out, s[i])
	}
	return string(out)
}
