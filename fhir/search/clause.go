package search

import (
	"strings"

	"github.com/ficushealth/ficus/fhir/r4"
)

// clause reads a parameter that filters: code[:modifier]=value[,value]...
func (p *parser) clause(pair Pair) *problem {
	if what := later(pair.Name); what != "" {
		return notServed(what)
	}
	code, modifier, hasModifier := strings.Cut(pair.Name, ":")
	param, bad := p.param(code)
	if bad != nil {
		return bad
	}
	c := Clause{Param: param, Code: code}
	if hasModifier {
		if bad := c.modify(modifier); bad != nil {
			return bad
		}
	}
	if bad := c.read(pair.Value); bad != nil {
		return bad
	}
	p.q.Clauses = append(p.q.Clauses, c)
	return nil
}

// later says of parts of the language that are recognised but not served that they are not; else "".
func later(name string) string {
	head, _, _ := strings.Cut(name, ":")
	switch head {
	case "_has":
		return "(reverse chaining) is"
	case "_include", "_revinclude":
		return "(including other resources) is"
	case "_filter", "_list", "_query", "_text", "_content", "_type", "_contained", "_containedType":
		return "is"
	}
	if strings.Contains(name, ".") {
		return "is a chain; chained parameters are"
	}
	return ""
}

func (p *parser) param(code string) (r4.Param, *problem) {
	param, ok := r4.FindParam(p.typeName(), code)
	switch {
	case !ok:
		return param, skippable("not-supported", "is not known for "+p.typeName()+suggest(p.typeName(), code))
	case !Served(param):
		return param, notServed("is")
	}
	return param, nil
}

// Served reports whether Parse accepts the parameter. Not yet served are those that have no expression, such as _text,
// and those that are "special".
func Served(param r4.Param) bool { return param.Type != "special" && param.Expression != "" }

func (c *Clause) read(value string) *problem {
	if c.Modifier == Missing {
		if value != "true" && value != "false" {
			return malformed("must be true or false with the modifier :missing")
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
			return malformed("%s%s", which(i, len(alternatives)), bad)
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
	switch {
	case c.Modifier == Text:
		return Value{Text: unescape(text)}, ""
	case c.Modifier == Identifier:
		return token(text)
	case c.Param.Type == "reference":
		return reference(text, c.target())
	case c.Param.Type == "composite":
		return composite(text, c.Param)
	}
	return simple(text, c.Param.Type)
}

// target is the type of a reference that gives only an id; "" if that is open. The
// parameter patient is published with Group among its targets, but its expressions keep
// only patients.
func (c *Clause) target() string {
	switch {
	case c.Code == "patient":
		return "Patient"
	case c.Modifier == OfResource:
		return c.Target
	case len(c.Param.Targets) == 1:
		return c.Param.Targets[0]
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
