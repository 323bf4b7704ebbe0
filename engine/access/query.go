package access

import (
	"slices"
	"strconv"
	"strings"

	"github.com/ficushealth/ficus/fhir/r4"
	"github.com/ficushealth/ficus/fhir/search"
)

// A scope of SMART 2 may be narrowed by a search (https://hl7.org/fhir/smart-app-launch/scopes-and-launch-context.html#finer-grained-resource-constraints-using-search-parameters):
// it is about the resources that the search finds. What is asked is looked for in the resource itself, so that the same can be
// asked of one that is written and of a version that is past.

// maxScopeParams is how many parameters the search of a scope may have.
const maxScopeParams = 10

// commonParams are the parameters of all types by which a scope may be narrowed. The others ask for what is no property of
// one resource, or change with every version.
var commonParams = [...]string{"_id", "_profile", "_security", "_source", "_tag"}

// parseQuery reads the search of a scope and writes it in one form. Whether the parameters are known is asked where the scope
// is used: each tenant may have its own.
func parseQuery(word, query string) (string, error) {
	pairs, err := search.ParseQueryString(query)
	switch {
	case err != nil:
		return "", wrongScope(word, "its search is not properly percent-encoded")
	case len(pairs) == 0:
		return "", wrongScope(word, "behind the ? stands a search, such as category=laboratory")
	case len(pairs) > maxScopeParams:
		return "", wrongScope(word, "its search has more than "+strconv.Itoa(maxScopeParams)+" parameters")
	}
	for _, p := range pairs {
		if why := unfit(p); why != "" {
			return "", wrongScope(word, why)
		}
	}
	return search.Encode(pairs), nil
}

// unfit is why a parameter cannot narrow a scope.
func unfit(p search.Pair) string {
	code, modifier, modified := strings.Cut(p.Name, ":")
	_, isType := r4.ResourceIndex(modifier)
	switch {
	case !isCode(code):
		return "a scope is narrowed by parameters of the resource itself, without chains"
	case code[0] == '_' && !slices.Contains(commonParams[:], code):
		return "of the parameters that begin with _ a scope may have " + strings.Join(commonParams[:], ", ")
	case modified && modifier != "not" && !isType:
		return "of the modifiers a scope may have :not and that of a type, such as subject:Patient"
	case p.Value == "":
		return "a parameter of its search has no value"
	}
	return ""
}

// isCode reports whether a name can be the code of a search parameter.
func isCode(s string) bool {
	return s != "" && strings.Trim(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_") == ""
}

// clauses are what a resource of the type must meet for the scope; not ok if the tenant has no such parameters.
func (g *grant) clauses(resourceType string, set *r4.ParamSet) (list []search.Clause, ok bool) {
	if g.query == "" {
		return nil, true
	}
	pairs, err := search.ParseQueryString(g.query)
	if err != nil {
		return nil, false
	}
	q, _, err := search.ParseIn(set, resourceType, pairs, search.Strict)
	if err != nil || slices.ContainsFunc(q.Clauses, unsure) {
		return nil, false
	}
	return q.Clauses, true
}

// unsure reports whether a condition may hold for what it should not: a parameter of the tenant's own may have no rows yet, or
// none for what its expression fails on, and :not would take that for another value.
func unsure(k search.Clause) bool {
	return k.Form != search.Compare || k.Param.Type == "special" || k.Modifier == search.Not && k.Param.ID >= r4.FirstCustomParam
}
