package search

import "slices"

// compare reads one comparison of a _filter. What an operator means depends on the type of the parameter
// (https://hl7.org/fhir/R4/search_filter.html#ops).
func (f *filter) compare(typ, code, op, value string) (c Clause, bad *problem) {
	if code == "id" {
		code = "_id"
	}
	param, bad := paramOf(f.p.set, typ, code)
	if bad != nil {
		return c, bad
	}
	c = Clause{Name: "_filter", Type: named(typ), Param: param, Code: param.Key()}
	if !slices.Contains(operatorsOf(param.Type), op) {
		return c, malformed("compares %s by %s; a parameter of type %s takes %s", code, op, param.Type, few(operatorsOf(param.Type)))
	}
	switch {
	case op == "pr":
		return c.present(value)
	case code == "_text" || code == "_content":
		return words(code, value, typ)
	case op == "ne" && byValue(param.Type):
		return c.unequal(value)
	}
	if bad := c.operate(op, value); bad != nil {
		return c, bad
	}
	return c, c.allowed()
}

// operatorsOf lists the operators that a type of parameter takes.
func operatorsOf(paramType string) []string {
	switch paramType {
	case "string":
		return []string{"eq", "ne", "co", "sw", "ew", "gt", "lt", "ge", "le", "ap", "pr"}
	case "uri":
		return []string{"eq", "ne", "co", "sw", "ew", "pr"}
	case "token":
		return []string{"eq", "ne", "in", "ni", "ss", "sb", "pr"}
	case "reference":
		return []string{"eq", "ne", "re", "pr"}
	case "date":
		return []string{"eq", "ne", "gt", "lt", "ge", "le", "ap", "sa", "eb", "po", "pr"}
	case "number", "quantity":
		return []string{"eq", "ne", "gt", "lt", "ge", "le", "ap", "sa", "eb", "pr"}
	case "composite":
		return []string{"eq", "ne", "pr"}
	}
	return []string{"eq"}
}

// byValue are the types whose values can only be found, not compared.
func byValue(paramType string) bool {
	return slices.Contains([]string{"token", "reference", "uri", "composite"}, paramType)
}

func (c Clause) present(value string) (Clause, *problem) {
	if value != "true" && value != "false" {
		return c, malformed("must be true or false behind pr")
	}
	c.Modifier, c.Missing = Missing, value == "false"
	return c, nil
}

// unequal is a value, but not this one.
func (c Clause) unequal(value string) (Clause, *problem) {
	has := c
	has.Modifier = Missing
	if bad := c.operate("eq", value); bad != nil {
		return c, bad
	}
	return Clause{Form: All, Name: c.Name, Sub: []Clause{has, {Form: None, Name: c.Name, Sub: []Clause{c}}}}, nil
}

// operate sets modifier and value.
func (c *Clause) operate(op, value string) *problem {
	var v Value
	var bad string
	switch c.Param.Type {
	case "string":
		c.Modifier, v = ofString(op, value)
	case "uri":
		c.Modifier, v = ofURI(op), Value{Text: value}
	case "token":
		c.Modifier = map[string]Modifier{"in": In, "ni": NotIn, "ss": Below, "sb": Above}[op]
		if v.Text = value; c.Modifier != In && c.Modifier != NotIn {
			v, bad = token(value)
		}
	case "reference":
		v, bad = reference(value, c.target())
	case "composite":
		v, bad = composite(value, c.Param)
	case "special":
		v, bad = near(value)
	case "date":
		v, bad = ofDate(c, op, value)
	default:
		v, bad = simple(op+value, c.Param.Type)
	}
	if bad != "" {
		return malformed("compares %s with a value that %s", c.Param.Code, bad)
	}
	c.Values = []Value{v}
	return nil
}

func ofDate(c *Clause, op, value string) (Value, string) {
	if op == "po" {
		c.Modifier = Overlaps
		return date(value)
	}
	return date(op + value)
}

func ofString(op, value string) (Modifier, Value) {
	switch op {
	case "co":
		return Contains, Value{Text: value}
	case "sw":
		return NoModifier, Value{Text: value}
	case "ew":
		return Ends, Value{Text: value}
	case "ap":
		op = "eq"
	}
	p, _ := prefix(op + "0")
	return Whole, Value{Text: value, Prefix: p}
}

func ofURI(op string) Modifier {
	return map[string]Modifier{"co": Contains, "sw": Begins, "ew": Ends}[op]
}
