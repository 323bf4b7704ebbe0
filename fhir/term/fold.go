package term

import (
	"strings"
	"unicode"

	"golang.org/x/text/runes"
	"golang.org/x/text/transform"
	"golang.org/x/text/unicode/norm"
)

// fold makes texts comparable that differ in case, accents or the width of white space.
func fold(s string) string {
	if isPlain(s) {
		return strings.ToLower(s)
	}
	t := transform.Chain(norm.NFD, runes.Remove(runes.In(unicode.Mn)), norm.NFC)
	out, _, err := transform.String(t, s)
	if err != nil {
		out = s
	}
	return strings.ToLower(out)
}

func isPlain(s string) bool {
	for i := range len(s) {
		if s[i] >= 0x80 {
			return false
		}
	}
	return true
}

// SameName reports whether two names differ by nothing but case and white space.
func SameName(a, b string) bool {
	return strings.EqualFold(strings.Join(strings.Fields(a), " "), strings.Join(strings.Fields(b), " "))
}

// Named reports whether a display is a name of a code: its display or one of its designations.
func (cs *CodeSystem) Named(code, display string) bool {
	c := cs.Find(code)
	if c == nil {
		return false
	}
	if c.Display == "" || SameName(c.Display, display) {
		return true
	}
	for _, d := range cs.Designations(code) {
		if SameName(d.Value, display) {
			return true
		}
	}
	return false
}
