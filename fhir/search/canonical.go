package search

import (
	"slices"
	"strings"

	"github.com/ficushealth/ficus/fhir/r4"
)

// followed is references for a step of a condition, which may be along canonical URLs
// (https://hl7.org/fhir/R4/references.html#canonical). These lead to what has a url.
func followed(set *r4.ParamSet, typ, head string) (param r4.Param, others []string, urls bool, bad *problem) {
	param, others, bad = references(set, typ, head)
	if bad != nil || !holdsURLs(param, typ) {
		return param, others, false, bad
	}
	others = slices.DeleteFunc(slices.Clone(others), func(t string) bool { return !HasURL(t) })
	if len(others) == 0 {
		bad = malformed("follows %s, which holds canonical URLs, to what has none", param.Code)
	}
	return param, others, true, bad
}

// HasURL reports whether resources of the type have a canonical URL.
func HasURL(typ string) bool {
	_, has := r4.FindParam(typ, "url")
	return has
}

// ordered is references for a step of an order: not along canonical URLs, which name no resource by type and id.
func ordered(set *r4.ParamSet, typ, head string) (param r4.Param, others []string, bad *problem) {
	param, others, bad = references(set, typ, head)
	if bad == nil && holdsURLs(param, typ) {
		return param, nil, &problem{code: "not-supported", text: "follows " + param.Code + ", which holds canonical URLs; conditions can follow them, an order cannot"}
	}
	return param, others, bad
}

// holdsURLs reports whether no expression of the parameter leads to a Reference.
func holdsURLs(param r4.Param, typ string) bool {
	found := false
	for branch := range strings.SplitSeq(param.On(typ), "|") {
		switch types := typesAt(typ, strings.TrimSpace(branch)); {
		case slices.Contains(types, "canonical") || slices.Contains(types, "uri"):
			found = true
		default:
			return false
		}
	}
	return found
}

// typesAt are the data types at the end of a plain path; nil if the expression is anything else.
func typesAt(typ, expression string) []string {
	if path, cast, ok := strings.Cut(strings.Trim(expression, "()"), " as "); ok && path != "" {
		return []string{cast}
	}
	names := strings.Split(withoutConditions(expression), ".")
	at := r4.Lookup(typ)
	var types []string
	for _, name := range names[1:] {
		if at == nil {
			return nil
		}
		i := slices.IndexFunc(at.Elements, func(e r4.Element) bool { return e.Name == name })
		if i < 0 {
			return nil
		}
		types, at = at.Elements[i].Types, nil
		if len(types) == 1 {
			at = r4.Lookup(types[0])
		}
	}
	return types
}

// withoutConditions drops each .where(...) of a path.
func withoutConditions(path string) string {
	for {
		before, rest, ok := strings.Cut(path, ".where(")
		if !ok {
			return path
		}
		_, after, _ := strings.Cut(rest, ")")
		path = before + after
	}
}
