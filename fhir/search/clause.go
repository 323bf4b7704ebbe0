package search

import (
	"strings"

	"github.com/ficushealth/ficus/fhir/r4"
)

// clause reads a parameter that filters, and adds what it asks for to the query. In a search over several types it is
// read for each of them.
func (p *parser) clause(pair Pair) *problem {
	var all []Clause
	for _, typ := range p.types() {
		c, bad := p.condition(pair, typ)
		if bad == nil {
			bad = p.again(c)
		}
		if bad != nil {
			return bad
		}
		all = append(all, c)
	}
	p.q.Clauses = append(p.q.Clauses, either(pair.Name, all))
	return nil
}

// types are those of which a parameter must be known: "Resource" stands for what all have.
func (p *parser) types() []string {
	if p.q.Type == "" && len(p.q.Types) > 0 {
		return p.q.Types
	}
	return []string{p.typeName()}
}

// either holds where one of the alternatives does.
func either(name string, list []Clause) Clause {
	if len(list) == 1 {
		return list[0]
	}
	return Clause{Form: Any, Name: name, Sub: list}
}

// condition reads name=value as a condition on resources of the type.
func (p *parser) condition(pair Pair, typ string) (Clause, *problem) {
	if pair.Name == "_filter" {
		return p.filter(pair.Value, typ)
	}
	p.spent.alternatives = 0
	s := step{p: p, whole: pair.Name, value: pair.Value, spent: &p.spent}
	c, bad := s.read(typ, pair.Name)
	c.Name = pair.Name
	return c, bad
}

// last reads the end of a name, where no step follows.
func last(set *r4.ParamSet, typ, name, value string) (Clause, *problem) {
	switch name {
	case "_has":
		return Clause{}, formOfHas(set, typ, "")
	case "_list":
		return listed(value, typ)
	case "_text", "_content":
		return words(name, value, typ)
	}
	return compare(set, typ, name, value)
}

// compare reads code[:modifier]=value[,value]...
func compare(set *r4.ParamSet, typ, name, value string) (c Clause, bad *problem) {
	code, modifier, hasModifier := strings.Cut(name, ":")
	param, bad := paramOf(set, typ, code)
	if bad != nil {
		return c, bad
	}
	c = Clause{Param: param, Code: param.Key(), Name: name, Type: named(typ)}
	if hasModifier {
		if bad := c.modify(modifier); bad != nil {
			return c, bad
		}
	}
	if bad := c.read(value); bad != nil {
		return c, bad
	}
	return c, c.allowed()
}

// named is "" for what stands for all types.
func named(typ string) string {
	if typ == "Resource" {
		return ""
	}
	return typ
}

func paramOf(set *r4.ParamSet, typ, code string) (r4.Param, *problem) {
	param, ok := set.Find(typ, code)
	switch {
	case !ok:
		return param, unknownParam("is not known for ", set, typ, code)
	case code == "_query":
		return param, skippable("not-supported", "names a query, and this server has none")
	case !Served(param):
		return param, notServed("is")
	}
	return param, nil
}

// Served reports whether Parse accepts the parameter in a search by its type: all but _query, which names queries that a
// server may define.
func Served(param r4.Param) bool { return param.Code != "_query" }

func (c *Clause) read(value string) *problem {
	if c.Modifier == Missing {
		if value != "true" && value != "false" {
			return badValue("must be true or false with the modifier :missing")
		}
		c.Missing = value == "true"
		return nil
	}
	alternatives := split(value, ',')
	if len(alternatives) > maxValues {
		return malformed("takes at most %d alternatives", maxValues)
	}
	c.Values = make([]Value, 0, len(alternatives))
	for i, text := range alternatives {
		v, bad := c.value(text)
		if bad != "" {
			return badValue("%s%s", which(i, len(alternatives)), bad)
		}
		c.Values = append(c.Values, v)
	}
	return nil
}

func which(i, n int) string {
	if n == 1 {
		return ""
	}
	return "(alternative " + itoa(i+1) + ") "
}

// value reads one alternative; bad is what is wrong with it.
func (c *Clause) value(text string) (v Value, bad string) {
	if text == "" {
		return Value{}, "has an empty alternative"
	}
	switch c.Modifier {
	case Text, In, NotIn:
		return Value{Text: unescape(text)}, ""
	case Identifier:
		return token(text)
	case OfType:
		return ofType(text)
	}
	if c.Code == "_id" {
		return id(text)
	}
	switch c.Param.Type {
	case "reference":
		return reference(text, c.target())
	case "composite":
		return composite(text, c.Param)
	case "special":
		return near(text)
	}
	return simple(text, c.Param.Type)
}

// target is the type of a reference that gives only an id; "" if that is open.
func (c *Clause) target() string {
	switch {
	case c.Modifier == OfResource:
		return c.Target
	case c.Param.Type == "reference" && len(targets(c.Param)) == 1:
		return targets(c.Param)[0]
	}
	return ""
}

func simple(text, paramType string) (v Value, bad string) {
	switch paramType {
	case "token":
		return token(text)
	case "date":
		return date(text)
	case "number":
		return number(text)
	case "quantity":
		return quantity(text)
	}
	return Value{Text: unescape(text)}, ""
}
