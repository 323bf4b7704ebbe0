package search

import (
	"slices"
	"strings"

	"github.com/ficushealth/ficus/fhir/r4"
)

// What a definition that is not in R4 allows to ask (https://hl7.org/fhir/R4/searchparameter.html): modifier, comparator,
// multipleOr, multipleAnd and chain.

// allowed refuses a modifier, prefix or list of values that the definition of the parameter does not allow; :missing every
// parameter takes.
func (c *Clause) allowed() *problem {
	r := c.Param.Rules
	switch {
	case r == nil:
		return nil
	case r.Modifiers != nil && c.Modifier != NoModifier && c.Modifier != Missing && !slices.Contains(r.Modifiers, c.ruled()):
		return malformed("has a modifier that its definition does not allow; it allows %s", few(r.Modifiers))
	case r.OneValue && len(c.Values) > 1:
		return malformed("takes one value only, as its definition says")
	case r.Comparators != nil && slices.ContainsFunc(c.Values, func(v Value) bool { return v.Prefix != Eq && !slices.Contains(r.Comparators, v.Prefix.String()) }):
		return malformed("has a prefix that its definition does not allow; it allows %s", few(r.Comparators))
	}
	return nil
}

// ruled is the modifier under its name in the definition.
func (c *Clause) ruled() string {
	switch c.Modifier {
	case OfResource:
		return "type"
	case OfType:
		return "ofType"
	}
	return string(c.Modifier)
}

// again refuses a parameter that stands in the search already and may be given only once.
func (p *parser) again(c Clause) *problem {
	if c.Form != Compare || c.Param.Rules == nil || !c.Param.Rules.Once {
		return nil
	}
	given := slices.ContainsFunc(p.q.Clauses, func(k Clause) bool { return k.Form == Compare && k.Param.ID == c.Param.ID })
	if given {
		return malformed("may be given only once, as its definition says")
	}
	return nil
}

// mayChain refuses a chain that the definition of its reference does not allow.
func mayChain(param r4.Param, rest string) *problem {
	if param.Rules == nil || param.Rules.Chains == nil {
		return nil
	}
	next, _, _ := strings.Cut(rest, ".")
	next, _, _ = strings.Cut(next, ":")
	if !slices.Contains(param.Rules.Chains, next) {
		return malformed("follows %s to %s, which its definition does not allow; it allows %s", param.Code, Printable(next), few(param.Rules.Chains))
	}
	return nil
}
