package search

import (
	"encoding/json"
	"strings"
	"unicode"

	"github.com/ficushealth/ficus/fhir/r4"
)

const maxTests = 100 // comparisons of one _filter

// filter reads _filter (https://hl7.org/fhir/R4/search_filter.html): tests, joined by and
// and or from left to right without precedence, not(...), and parentheses.
func (p *parser) filter(value, typ string) (Clause, *problem) {
	f := &filter{p: p, all: value, rest: value}
	c, bad := f.expression(typ, 0)
	if bad == nil && f.skip() != "" {
		bad = f.wrong("and, or or the end must follow")
	}
	return c, bad
}

// filter is the rest of an expression.
type filter struct {
	p         *parser
	all, rest string
	tests     int
}

func (f *filter) wrong(format string, args ...any) *problem {
	bad := malformed(format, args...)
	bad.text = "(character " + itoa(len(f.all)-len(f.rest)+1) + ") " + bad.text
	return bad
}

// skip steps over white space and gives what is left.
func (f *filter) skip() string {
	f.rest = strings.TrimLeftFunc(f.rest, unicode.IsSpace)
	return f.rest
}

// take steps over a word or a sign, if it comes next.
func (f *filter) take(word string) bool {
	after, found := strings.CutPrefix(f.skip(), word)
	if found && word[0] >= 'a' && after != "" && after[0] != ' ' && after[0] != '(' {
		return false
	}
	if found {
		f.rest = after
	}
	return found
}

func (f *filter) expression(typ string, depth int) (Clause, *problem) {
	if depth > maxDepth {
		return Clause{}, f.wrong("has more than %d parentheses inside one another", maxDepth)
	}
	left, bad := f.term(typ, depth)
	for bad == nil {
		form := All
		if f.take("or") {
			form = Any
		} else if !f.take("and") {
			return left, nil
		}
		var right Clause
		right, bad = f.term(typ, depth)
		left = joined(form, left, right)
	}
	return left, bad
}

// joined adds to a junction of the same form.
func joined(form Form, left, right Clause) Clause {
	if left.Form == form && left.Name == "_filter" && len(left.Sub) > 1 {
		left.Sub = append(left.Sub, right)
		return left
	}
	return Clause{Form: form, Name: "_filter", Sub: []Clause{left, right}}
}

func (f *filter) term(typ string, depth int) (Clause, *problem) {
	negated := f.take("not")
	if !f.take("(") {
		if negated {
			return Clause{}, f.wrong("a parenthesis must follow not")
		}
		return f.test(typ, depth)
	}
	c, bad := f.expression(typ, depth+1)
	if bad == nil && !f.take(")") {
		bad = f.wrong("a closing parenthesis must follow")
	}
	// Parentheses keep a junction from taking in what follows.
	c = Clause{Form: All, Name: "()", Sub: []Clause{c}}
	if negated {
		c.Form = None
	}
	return c, bad
}

// test reads path operator value.
func (f *filter) test(typ string, depth int) (Clause, *problem) {
	if f.tests++; f.tests > maxTests {
		return Clause{}, f.wrong("has more than %d comparisons", maxTests)
	}
	steps, bad := f.path(typ)
	if bad != nil {
		return Clause{}, bad
	}
	op, _, _ := strings.Cut(f.skip(), " ")
	if !operators[op] {
		return Clause{}, f.wrong("an operator must follow: eq ne co sw ew gt lt ge le ap sa eb pr po ss sb in ni re")
	}
	f.rest = f.rest[len(op):]
	value, bad := f.value()
	if bad != nil {
		return Clause{}, bad
	}
	f.p.spent.alternatives = 0
	s := step{p: f.p, spent: &f.p.spent, whole: "_filter"}
	c, bad := f.walk(s, typ, steps, op, value, depth)
	if bad != nil {
		bad = f.wrong("before this: %s %s", Printable(whole(steps)), bad.message())
	}
	return c, bad
}

var operators = map[string]bool{"eq": true, "ne": true, "co": true, "sw": true, "ew": true, "gt": true, "lt": true, "ge": true, "le": true,
	"ap": true, "sa": true, "eb": true, "pr": true, "po": true, "ss": true, "sb": true, "in": true, "ni": true, "re": true}

// stretch is a step of a path: a name, and the filter in brackets behind it.
type stretch struct{ name, inner string }

// whole is the path without what is in brackets.
func whole(steps []stretch) string {
	names := make([]string, len(steps))
	for i, s := range steps {
		names[i] = s.name
	}
	return strings.Join(names, ".")
}

// path reads name[filter].name and so on.
func (f *filter) path(typ string) (out []stretch, bad *problem) {
	for {
		n := strings.IndexFunc(f.skip(), func(r rune) bool { return !nameByte(byte(min(r, 127))) || r == '.' })
		if n < 0 {
			n = len(f.rest)
		}
		if n == 0 {
			return nil, f.wrong("a search parameter of %s must follow", typ)
		}
		s := stretch{name: f.rest[:n]}
		f.rest = f.rest[n:]
		if strings.HasPrefix(f.rest, "[") {
			if s.inner, bad = f.bracket(); bad != nil {
				return nil, bad
			}
		}
		out = append(out, s)
		if !strings.HasPrefix(f.rest, ".") {
			return out, nil
		}
		f.rest = f.rest[1:]
	}
}

// bracket cuts out what stands between brackets that belong together, strings left alone.
func (f *filter) bracket() (string, *problem) {
	depth, quoted := 0, false
	for i := 0; i < len(f.rest); i++ {
		switch c := f.rest[i]; {
		case quoted && c == '\\':
			i++
		case c == '"':
			quoted = !quoted
		case !quoted && c == '[':
			depth++
		case !quoted && c == ']':
			if depth--; depth == 0 {
				inner := f.rest[1:i]
				f.rest = f.rest[i+1:]
				return inner, nil
			}
		}
	}
	return "", f.wrong("this bracket is not closed")
}

// value reads a JSON string, or what stands up to a blank, a parenthesis or a bracket.
func (f *filter) value() (string, *problem) {
	rest := f.skip()
	if strings.HasPrefix(rest, `"`) {
		d := json.NewDecoder(strings.NewReader(rest))
		var s string
		if err := d.Decode(&s); err != nil {
			return "", f.wrong("this string is not closed, or no JSON string")
		}
		f.rest = rest[d.InputOffset():]
		return s, nil
	}
	n := strings.IndexFunc(rest, func(r rune) bool { return unicode.IsSpace(r) || r == ')' || r == ']' })
	if n < 0 {
		n = len(rest)
	}
	if n == 0 {
		return "", f.wrong("a value must follow")
	}
	f.rest = rest[n:]
	return rest[:n], nil
}

// walk follows a path; its last step is compared.
func (f *filter) walk(s step, typ string, steps []stretch, op, value string, depth int) (Clause, *problem) {
	head := steps[0]
	s.spent.reads++
	if s.hops > maxHops || depth > maxDepth {
		return Clause{}, malformed("follows more than %d references", maxHops)
	}
	if rest, reverse := strings.CutPrefix(head.name, "_has:"); reverse {
		return f.walkBack(s, typ, rest, steps, op, value, depth)
	}
	if len(steps) == 1 {
		if head.inner != "" {
			return Clause{}, malformed("has brackets behind its last parameter, but nothing follows them")
		}
		return f.compare(typ, head.name, op, value)
	}
	param, others, urls, bad := followed(f.p.set, typ, head.name)
	if bad != nil {
		return Clause{}, bad
	}
	var all []Clause
	var wrong *problem
	s.hops++
	for _, other := range others {
		sub, bad := f.beyond(s, other, steps, op, value, depth)
		if bad == nil {
			s.spent.alternatives++
		}
		if costly := s.spent.tooMany(param.Code, other); costly != nil {
			return Clause{}, costly
		}
		if bad != nil {
			wrong = bad
			continue
		}
		all = append(all, Clause{Form: Join, Name: "_filter", Type: named(typ), Param: param, Code: param.Key(), Other: other, URLs: urls,
			Implied: !strings.Contains(head.name, ":") && len(others) > 1, Sub: sub})
	}
	if len(all) == 0 {
		return Clause{}, wrong
	}
	return either("_filter", all), nil
}

// beyond is what a resource at the other end of a reference must meet: the rest of the path, and what stands in brackets.
func (f *filter) beyond(s step, other string, steps []stretch, op, value string, depth int) ([]Clause, *problem) {
	c, bad := f.walk(s, other, steps[1:], op, value, depth)
	if bad != nil || steps[0].inner == "" {
		return []Clause{c}, bad
	}
	inner := &filter{p: f.p, all: steps[0].inner, rest: steps[0].inner, tests: f.tests}
	in, bad := inner.expression(other, depth+1)
	if bad == nil && inner.skip() != "" {
		bad = inner.wrong("and, or or the end must follow")
	}
	f.tests = inner.tests
	return []Clause{c, in}, bad
}

// walkBack reads _has:Type:reference:parameter as the head of a path.
func (f *filter) walkBack(s step, typ, rest string, steps []stretch, op, value string, depth int) (Clause, *problem) {
	other, rest, _ := strings.Cut(rest, ":")
	code, rest, ok := strings.Cut(rest, ":")
	if _, known := r4.ResourceIndex(other); !ok || !known {
		return Clause{}, malformed("must have the form _has:Type:reference:parameter")
	}
	param, others, urls, bad := followed(f.p.set, other, code)
	if bad != nil {
		return Clause{}, bad
	}
	if typ != "Resource" && !contains(others, typ) {
		return Clause{}, malformed("asks for %s that refer to %s by %s, which leads to %s", other, typ, code, few(others))
	}
	s.hops++
	on := append([]stretch{{rest, steps[0].inner}}, steps[1:]...)
	sub, bad := f.walk(s, other, on, op, value, depth)
	return Clause{Form: Join, Name: "_filter", Type: named(typ), Reverse: true, Param: param, Code: param.Key(), Other: other, URLs: urls, Sub: []Clause{sub}}, bad
}

func contains(list []string, s string) bool {
	for _, x := range list {
		if x == s {
			return true
		}
	}
	return false
}
