package term

import (
	"strings"

	"github.com/ficushealth/ficus/fhir/ucum"
)

// grammars are the systems whose codes are not listed anywhere but built by rules, so that nothing need be loaded to know
// whether a code is one (https://hl7.org/fhir/R4/terminologies-systems.html).
var grammars = map[string]func(code string) bool{
	"http://unitsofmeasure.org": isUCUM,
	"urn:ietf:bcp:13":           isMimeType,
	"urn:ietf:bcp:47":           isLanguage,
	"urn:ietf:rfc:3986":         func(code string) bool { return code != "" && !strings.ContainsAny(code, " \t\r\n") },
}

// Grammatical says whether the codes of a system are built by a grammar that is known here, and then whether code is one.
func Grammatical(system, code string) (valid, known bool) {
	f := grammars[system]
	if f == nil {
		return false, false
	}
	return f(code), true
}

func isUCUM(code string) bool {
	_, err := ucum.Parse(code)
	return err == nil
}

// isMimeType matches type/subtype with optional parameters (RFC 6838); FHIR also lets the type stand alone.
func isMimeType(code string) bool {
	name, _, _ := strings.Cut(code, ";")
	kind, sub, found := strings.Cut(strings.TrimSpace(name), "/")
	return isToken(kind) && (!found || isToken(sub) || sub == "*")
}

func isToken(s string) bool {
	for i := range len(s) {
		c := s[i]
		if !isAlnum(c) && !strings.ContainsRune("!#$&-^_.+*", rune(c)) {
			return false
		}
	}
	return s != ""
}

func isAlnum(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
}

// isLanguage matches the form of a language tag (RFC 5646): subtags of one to eight letters and digits, the first of two or
// three letters, for no longer one has ever been registered, or x or i for private and old tags.
func isLanguage(code string) bool {
	for i, tag := range strings.Split(code, "-") {
		if len(tag) == 0 || len(tag) > 8 || i == 0 && !isPrimary(tag) {
			return false
		}
		for j := range len(tag) {
			if !isAlnum(tag[j]) {
				return false
			}
		}
	}
	return true
}

func isPrimary(tag string) bool {
	return strings.Trim(tag, "0123456789") == tag && (len(tag) == 2 || len(tag) == 3 || tag == "x" || tag == "i")
}
