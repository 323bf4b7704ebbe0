package validate

import (
	"bytes"
	"strings"
	"unicode/utf8"

	"github.com/ficushealth/ficus/fhir"
)

// The functions below match what the regular expressions of the specification match; their tests compare the two.

func isSpace(c byte) bool { return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f' }

// isURI matches \S*.
func isURI(s string) bool {
	for i := range len(s) {
		if isSpace(s[i]) {
			return false
		}
	}
	return true
}

// isCode matches [^\s]+(\s[^\s]+)*.
func isCode(s string) bool {
	space := true
	for i := range len(s) {
		next := isSpace(s[i])
		if space && next {
			return false
		}
		space = next
	}
	return !space
}

// isUUID matches urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}.
func isUUID(s string) bool {
	s, ok := strings.CutPrefix(s, "urn:uuid:")
	if !ok || len(s) != 36 {
		return false
	}
	for i := range len(s) {
		dash := i == 8 || i == 13 || i == 18 || i == 23
		if c := s[i]; dash != (c == '-') || !dash && !isDigit(c) && (c < 'a' || c > 'f') {
			return false
		}
	}
	return true
}

// isOID matches urn:oid:[0-2](\.(0|[1-9][0-9]*))+.
func isOID(s string) bool {
	s, ok := strings.CutPrefix(s, "urn:oid:")
	if !ok || len(s) < 3 || s[0] < '0' || s[0] > '2' {
		return false
	}
	for s = s[1:]; s != ""; {
		n := 1
		for n < len(s) && isDigit(s[n]) {
			n++
		}
		if s[0] != '.' || n == 1 || n > 2 && s[1] == '0' {
			return false
		}
		s = s[n:]
	}
	return true
}

// isBase64 matches (\s*([0-9a-zA-Z\+/=]){4}\s*)+, and lets = stand only at the end, at most twice.
func isBase64(s string) bool { return isBase64Text(s) && isPadded(s) }

func isBase64Text(s string) bool {
	n := 0
	for i := range len(s) {
		switch c := s[i]; {
		case isBase64Byte(c):
			n++
		case !isSpace(c) || n%4 != 0:
			return false
		}
	}
	return n > 0 && n%4 == 0
}

func isBase64Byte(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || isDigit(c) || c == '+' || c == '/' || c == '='
}

func isPadded(s string) bool {
	i := strings.IndexByte(s, '=')
	if i < 0 {
		return true
	}
	rest := strings.TrimRight(s[i:], " \t\r\n\f")
	return rest == "=" || rest == "=="
}

// mostCharacters is the limit of a string.
const mostCharacters = 1 << 20

func isString(v fhir.Value) bool {
	return len(v.Raw()) <= mostCharacters || utf8.RuneCountInString(v.Str()) <= mostCharacters
}

// isDiv takes a light look at a narrative: one div element (https://hl7.org/fhir/R4/narrative.html). Nearly always the
// raw text shows it, without undoing the escapes.
func isDiv(v fhir.Value) bool {
	raw := v.Raw()
	return isDivText(raw[1:len(raw)-1]) || isDivText([]byte(v.Str()))
}

func isDivText(b []byte) bool {
	b = bytes.TrimSpace(b)
	rest, ok := bytes.CutPrefix(b, []byte("<div"))
	if !ok || len(rest) == 0 || rest[0] != '>' && rest[0] != '/' && rest[0] != '\\' && !isSpace(rest[0]) {
		return false
	}
	return bytes.HasSuffix(b, []byte("</div>")) || bytes.HasSuffix(b, []byte("/>"))
}
