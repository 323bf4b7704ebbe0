package fhir

import "strings"

// Older reports whether a business version of a definition comes before another
// (https://hl7.org/fhir/R4/resource.html#versions): part by part, numbers as numbers, so that 1.9 comes before 1.10, and
// a release that is being prepared, 2.0.0-ballot, before 2.0.0. What has no version is oldest.
func Older(a, b string) bool {
	core, being := prepared(a)
	other, otherBeing := prepared(b)
	if core != other || being == otherBeing {
		return older(core, other)
	}
	return otherBeing == "" || being != "" && older(being, otherBeing)
}

// prepared parts what stands behind the hyphen of a version such as 2.0.0-ballot; a date has hyphens too, but no dots.
func prepared(version string) (core, being string) {
	core, being, _ = strings.Cut(version, "-")
	if !strings.Contains(core, ".") {
		return version, ""
	}
	return core, being
}

func older(a, b string) bool {
	for a != "" && b != "" {
		var x, y string
		x, a, _ = strings.Cut(a, ".")
		y, b, _ = strings.Cut(b, ".")
		if x == y {
			continue
		}
		if isNumber(x) && isNumber(y) && len(x) != len(y) {
			return len(x) < len(y)
		}
		return x < y
	}
	return b != ""
}

func isNumber(s string) bool {
	return s != "" && strings.Trim(s, "0123456789") == "" && (s[0] != '0' || s == "0")
}
