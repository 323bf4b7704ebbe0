package fhir

import (
	"cmp"
	"slices"
	"strings"
)

// Older reports whether a business version of a definition comes before another
// (https://hl7.org/fhir/R4/resource.html#versions): part by part, and within a part digits as numbers, so that 1.9 comes before
// 1.10 and 1a between 1 and 2, and a release that is being prepared, 2.0.0-ballot, before 2.0.0. What has no version is oldest. Of
// any two different versions one is older.
func Older(a, b string) bool {
	core, being := prepared(a)
	other, otherBeing := prepared(b)
	return cmp.Or(compareParts(core, other), comparePrepared(being, otherBeing), strings.Compare(a, b)) < 0
}

// prepared parts what stands behind the hyphen of a version such as 2.0.0-ballot; a date has hyphens too, but no dots.
func prepared(version string) (core, being string) {
	core, being, _ = strings.Cut(version, "-")
	if !strings.Contains(core, ".") {
		return version, ""
	}
	return core, being
}

// comparePrepared puts the release behind all that prepared it.
func comparePrepared(a, b string) int {
	if a == "" || b == "" {
		return cmp.Compare(len(b), len(a))
	}
	return compareParts(a, b)
}

func compareParts(a, b string) int {
	return slices.CompareFunc(strings.Split(a, "."), strings.Split(b, "."), compareRuns)
}

// compareRuns compares runs of digits and runs of anything else, one after the other.
func compareRuns(a, b string) int {
	for a != "" && b != "" {
		var x, y string
		x, a = run(a)
		y, b = run(b)
		if c := compareRun(x, y); c != 0 {
			return c
		}
	}
	return cmp.Compare(len(a), len(b))
}

// run is the first run of digits, or of anything else.
func run(s string) (first, rest string) {
	digits := isDigit(s[0])
	for i := range len(s) {
		if isDigit(s[i]) != digits {
			return s[:i], s[i:]
		}
	}
	return s, ""
}

// compareRun puts numbers before anything else.
func compareRun(a, b string) int {
	if !isDigit(a[0]) || !isDigit(b[0]) {
		return strings.Compare(a, b)
	}
	a, b = strings.TrimLeft(a, "0"), strings.TrimLeft(b, "0")
	return cmp.Or(cmp.Compare(len(a), len(b)), strings.Compare(a, b))
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }
