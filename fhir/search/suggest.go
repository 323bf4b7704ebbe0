package search

import (
	"slices"
	"strings"

	"github.com/ficushealth/ficus/fhir/r4"
)

const maxSuggestions = 3

// where is the hint if nothing of the kind is known.
const where = "; the CapabilityStatement (GET metadata) lists what is"

// suggest names the parameters of the type that code may have been meant to be.
func suggest(set *r4.ParamSet, resourceType, code string) string {
	if len(code) > 40 {
		return where
	}
	type near struct {
		code string
		far  int
	}
	var found []near
	for _, p := range set.Params(resourceType) {
		if far := distance(strings.ToLower(code), p.Code); far <= 1+len(code)/4 {
			found = append(found, near{p.Code, far})
		}
	}
	slices.SortStableFunc(found, func(a, b near) int { return a.far - b.far })
	var names []string
	for _, n := range found[:min(len(found), maxSuggestions)] {
		names = append(names, n.code)
	}
	if names == nil {
		return where
	}
	return "; did you mean " + strings.Join(names, " or ") + "?"
}

// distance counts the bytes to insert, drop or change to make b of a, hyphens and
// underscores aside (Levenshtein 1966).
func distance(a, b string) int {
	drop := strings.NewReplacer("-", "", "_", "")
	a, b = drop.Replace(a), drop.Replace(b)
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		corner := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := corner
			if a[i] != b[j] {
				cost++
			}
			corner = row[j+1]
			row[j+1] = min(cost, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
