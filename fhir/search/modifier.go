package search

import (
	"slices"
	"strings"

	"github.com/ficushealth/ficus/fhir/r4"
)

// served lists the modifiers that each type of parameter takes, beside missing.
func served(paramType string) []Modifier {
	switch paramType {
	case "string":
		return []Modifier{Exact, Contains}
	case "token":
		return []Modifier{Text, Not, In, NotIn, Above, Below, OfType}
	case "reference":
		return []Modifier{Identifier, Above, Below}
	case "uri":
		return []Modifier{Above, Below}
	}
	return nil
}

func (c *Clause) modify(name string) *problem {
	m := Modifier(name)
	if c.Code == "_id" && m != Missing && m != Not {
		return malformed("has an unknown modifier; it takes :missing and :not")
	}
	if m == Missing || m != NoModifier && slices.Contains(served(c.Param.Type), m) {
		c.Modifier = m
		return nil
	}
	if _, isType := r4.ResourceIndex(name); isType && c.Param.Type == "reference" {
		return c.ofResource(name)
	}
	return malformed("has an unknown modifier; a parameter of type %s takes %s", c.Param.Type, choices(c.Param.Type))
}

func (c *Clause) ofResource(name string) *problem {
	if all := targets(c.Param); !slices.Contains(all, name) {
		return malformed("cannot refer to %s; it refers to %s", name, few(all))
	}
	c.Modifier, c.Target = OfResource, name
	return nil
}

func choices(paramType string) string {
	var b strings.Builder
	b.WriteString(":missing")
	for _, m := range served(paramType) {
		b.WriteString(", :" + string(m))
	}
	if paramType == "reference" {
		b.WriteString(" or the name of a resource type")
	}
	return b.String()
}
