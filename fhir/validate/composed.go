package validate

import (
	"strings"

	"github.com/ficushealth/ficus/fhir"
	"github.com/ficushealth/ficus/fhir/term"
)

const snomed = "http://snomed.info/sct"

// composed checks the content of a value set against the code systems that it draws on.
func (p *pass) composed(it item) {
	compose := it.v.Get("compose")
	p.push("compose")
	for _, part := range []string{"include", "exclude"} {
		i := 0
		for c := range p.each(compose.Get(part)) {
			p.push(part)
			p.walk.index(i)
			p.clause(c)
			p.pop()
			i++
		}
	}
	p.pop()
}

// parametric checks a filter whose value is an expression over the parameters of the value set.
func (p *pass) parametric(f fhir.Value) {
	for x := range p.each(f.Get("_value").Get("extension")) {
		expression := x.Get("valueExpression")
		if x.Get("url").Str() != structures+"cqf-expression" || !expression.Exists() {
			continue
		}
		name, parameter := strings.CutPrefix(expression.Get("expression").Str(), "%")
		switch {
		case expression.Get("language").Str() != "text/fhirpath":
			p.tell(failure, "invalid", expression, "the language of an expression in a value set is text/fhirpath")
		case parameter && !p.hasParameter(name):
			p.tell(failure, "invalid", expression, "the value set has no parameter of this name")
		}
	}
}

func (p *pass) hasParameter(name string) bool {
	for x := range p.each(p.scope.v.Get("extension")) {
		if !strings.HasSuffix(x.Get("url").Str(), "/valueset-parameter") {
			continue
		}
		for part := range p.each(x.Get("extension")) {
			if part.Get("url").Str() == "name" && part.Get("valueCode").Str() == name {
				return true
			}
		}
	}
	return false
}

func (p *pass) clause(c fhir.Value) {
	system := c.Get("system")
	if s := system.Str(); s != "" && !isAbsolute(s) {
		p.tell(failure, "invalid", system, "the system must be an absolute url, also that of a contained code system")
		return
	}
	cs, err := p.Terms.CodeSystem(system.Str())
	if err != nil {
		cs = nil
	}
	for concept := range p.each(c.Get("concept")) {
		p.composedCode(cs, system.Str(), concept)
	}
	for f := range p.each(c.Get("filter")) {
		p.composedFilter(cs, system.Str(), f)
		p.parametric(f)
	}
}

func (p *pass) composedCode(cs *term.CodeSystem, system string, concept fhir.Value) {
	code := concept.Get("code").Str()
	if code == "" {
		return
	}
	bad := term.Malformed(system, code) || cs != nil && cs.Has(code) == term.No
	if valid, known := term.Grammatical(system, code); known {
		bad = !valid
	}
	if bad {
		p.tellStrictly("code-invalid", concept, "the code is not one of the code system")
	}
}

func (p *pass) composedFilter(cs *term.CodeSystem, system string, f fhir.Value) {
	property, op, value := f.Get("property").Str(), f.Get("op").Str(), f.Get("value").Str()
	if value == "" {
		return
	}
	switch {
	case system == snomed && property == "constraint" && !isECL(value):
		p.tellStrictly("invalid", f, "the value is not an expression constraint of SNOMED CT")
	case hierarchical(op) && (term.Malformed(system, value) || cs != nil && cs.Has(value) == term.No):
		p.tellStrictly("invalid", f, "the value of this filter must be a code of the code system")
	case (property == "notSelectable" || property == "inactive") && op == "=" && value != "true" && value != "false":
		p.tellStrictly("invalid", f, "the value of a filter on %s is true or false", property)
	}
}

func hierarchical(op string) bool {
	return op == "is-a" || op == "descendent-of" || op == "is-not-a" || op == "generalizes"
}

// isECL takes a light look at the Expression Constraint Language (http://snomed.org/ecl): operands and what joins them take
// turns, brackets match, and identifiers have their check digit.
func isECL(s string) bool {
	e := ecl{rest: s}
	return e.expression(0) && strings.TrimSpace(e.rest) == ""
}

type ecl struct{ rest string }

func (e *ecl) expression(depth int) bool {
	if depth > 32 || !e.operand(depth) {
		return false
	}
	for e.join() {
		if !e.operand(depth) {
			return false
		}
	}
	return true
}

// join steps over what may stand between two operands.
func (e *ecl) join() bool {
	return e.skip("AND", "OR", "MINUS", "and", "or", "minus", ",", ":", "!=", "=", ".")
}

func (e *ecl) skip(words ...string) bool {
	e.rest = strings.TrimLeft(e.rest, " \t\r\n")
	for _, w := range words {
		if rest, ok := strings.CutPrefix(e.rest, w); ok {
			e.rest = rest
			return true
		}
	}
	return false
}

func (e *ecl) operand(depth int) bool {
	for e.skip("<<!", "<<", "<!", "<", ">>!", ">>", ">!", ">", "^", "!!>", "!!<") {
	}
	e.cardinality()
	switch {
	case e.skip("("):
		return e.expression(depth+1) && e.skip(")") && e.tail()
	case e.skip("{"):
		return e.expression(depth+1) && e.skip("}")
	case e.skip("*"):
		return e.tail()
	case e.skip("#", "\""):
		i := strings.IndexAny(e.rest, "\" )}")
		e.rest = strings.TrimPrefix(e.rest[max(i, 0):], "\"")
		return true
	}
	return e.identifier() && e.tail()
}

func (e *ecl) cardinality() {
	if e.skip("[") {
		_, e.rest, _ = strings.Cut(e.rest, "]")
	}
	for e.skip("R ", "<<", "<") {
	}
}

func (e *ecl) identifier() bool {
	n := 0
	for n < len(e.rest) && isDigit(e.rest[n]) {
		n++
	}
	id := e.rest[:n]
	e.rest = e.rest[n:]
	return id != "" && !term.Malformed(snomed, id)
}

// tail steps over a term and filters.
func (e *ecl) tail() bool {
	if e.skip("|") {
		_, after, closed := strings.Cut(e.rest, "|")
		if !closed {
			return false
		}
		e.rest = after
	}
	for e.skip("{{") {
		_, after, closed := strings.Cut(e.rest, "}}")
		if !closed {
			return false
		}
		e.rest = after
	}
	return true
}
