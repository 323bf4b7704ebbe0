package term

import (
	"slices"
	"strings"

	"github.com/ficushealth/ficus/fault"
	"github.com/ficushealth/ficus/fhir/ucum"
)

// Grammar is a system whose codes are not listed anywhere but built by rules, so that nothing need be loaded to know
// whether a code is one (https://hl7.org/fhir/R4/terminologies-systems.html).
type Grammar struct {
	URL, Name string
	Listing   string                   // a value set of R4 that names the most usual codes; "": none
	why       func(code string) string // what is wrong with a code; "": nothing
}

// GrammarOf is the grammar of the codes of a system, if one is known here.
func GrammarOf(system string) (Grammar, bool) {
	g := Grammar{URL: system}
	switch system {
	case "http://unitsofmeasure.org":
		g.Name, g.Listing, g.why = "UCUM", "http://hl7.org/fhir/ValueSet/ucum-common", notUCUM
	case "urn:ietf:bcp:13":
		g.Name, g.why = "MimeTypes", unless(isMimeType, "a media type is a type and a subtype, such as text/plain (RFC 6838)")
	case "urn:ietf:bcp:47":
		g.Name, g.Listing, g.why = "Languages", "http://hl7.org/fhir/ValueSet/languages", unless(isLanguage, "a language is a tag such as en or en-US (RFC 5646)")
	case "urn:ietf:rfc:3986":
		g.Name, g.why = "URIs", unless(isURI, "an URI has no spaces")
	default:
		return Grammar{}, false
	}
	return g, true
}

// Why says what is wrong with a code; "" if it is one.
func (g Grammar) Why(code string) string { return g.why(code) }

// Grammatical says whether the codes of a system are built by a grammar that is known here, and then whether code is one.
func Grammatical(system, code string) (valid, known bool) {
	g, known := GrammarOf(system)
	return known && g.why(code) == "", known
}

func unless(is func(string) bool, text string) func(string) string {
	return func(code string) string {
		if is(code) {
			return ""
		}
		return text
	}
}

func isURI(code string) bool { return code != "" && !strings.ContainsAny(code, " \t\r\n") }

func notUCUM(code string) string {
	_, err := ucum.Parse(code)
	if err == nil {
		return ""
	}
	return fault.Find(err).Text
}

// isMimeType matches type/subtype with optional parameters (RFC 6838); FHIR also lets the type stand alone, and * for any subtype.
// The values of parameters are taken as they are: the examples of R4 have some that want quotes.
func isMimeType(code string) bool {
	parts := strings.Split(code, ";")
	kind, sub, found := strings.Cut(strings.TrimSpace(parts[0]), "/")
	if !isRestricted(kind) || found && !isRestricted(sub) && sub != "*" {
		return false
	}
	return !slices.ContainsFunc(parts[1:], func(p string) bool {
		name, value, _ := strings.Cut(strings.TrimSpace(p), "=")
		return !isRestricted(name) || value == ""
	})
}

// isRestricted matches a restricted-name (RFC 6838 section 4.2).
func isRestricted(s string) bool {
	for i := range len(s) {
		if !isAlnum(s[i]) && (i == 0 || !strings.ContainsRune("!#$&-^_.+", rune(s[i]))) {
			return false
		}
	}
	return s != "" && len(s) <= 127
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
