package search

import "strings"

const prefixes = "eqnegtltgelesaebap" // in the order of Prefix

// prefix cuts a prefix off a value that begins with a digit, a sign or a point.
func prefix(text string) (Prefix, string) {
	if len(text) < 3 || text[0] < 'a' {
		return Eq, text
	}
	if i := strings.Index(prefixes, text[:2]); i >= 0 && i%2 == 0 {
		return Prefix(i / 2), text[2:]
	}
	return Eq, text
}

// String is the prefix as written.
func (p Prefix) String() string {
	if int(p) >= len(prefixes)/2 {
		return "?"
	}
	return prefixes[2*p : 2*p+2]
}
