package search

import (
	"strings"
	"unicode/utf8"

	"github.com/ficushealth/ficus/fault"
	"github.com/ficushealth/ficus/fhir/r4"
)

// Handling says what to do with a parameter that is unknown or not served
// (https://hl7.org/fhir/R4/search.html#errors).
type Handling uint8

// Strict refuses the search; Lenient leaves the parameter out and says so.
const (
	Strict Handling = iota
	Lenient
)

// What one search may ask for, so that no request is out of proportion to its cost.
const (
	maxPairs  = 200  // name=value pairs
	maxValues = 1000 // alternatives of one clause
	maxSort   = 8    // keys of _sort
)

// Parse reads the pairs of a search over resourceType ("" is all types). _format and
// _pretty are not known here: whoever speaks HTTP takes them out first.
//
// ignored are warnings about what was left out, which happens only if h is Lenient and
// only to parameters that are unknown, not served yet, or have no value; a bad modifier
// or value is never skipped, because the answer would hold more than was asked for.
// Faults: Invalid with one issue for each thing wrong, its Expression "http.<parameter>".
func Parse(resourceType string, pairs []Pair, h Handling) (q Query, ignored []fault.Issue, err error) {
	return ParseIn(nil, resourceType, pairs, h)
}

// ParseIn is Parse with the search parameters of a set, in place of those of R4 alone.
func ParseIn(set *r4.ParamSet, resourceType string, pairs []Pair, h Handling) (q Query, ignored []fault.Issue, err error) {
	if len(pairs) > maxPairs {
		return Query{}, nil, fault.New(fault.Invalid, "a search takes at most %d parameters", maxPairs)
	}
	p := parser{set: set, q: Query{Type: resourceType, Count: -1}, lenient: h == Lenient}
	p.first(pairs)
	for _, pair := range pairs {
		p.read(pair)
	}
	p.together()
	if len(p.wrong) > 0 {
		return Query{}, nil, &fault.Error{Kind: fault.Invalid, Text: p.wrong[0].Text, Issues: p.wrong}
	}
	return p.q, p.ignored, nil
}

type parser struct {
	set     *r4.ParamSet
	q       Query
	lenient bool
	spent   spent
	seen    []string // result parameters that were given
	ignored []fault.Issue
	wrong   []fault.Issue
}

func (p *parser) read(pair Pair) {
	var bad *problem
	read := resultParam(pair.Name)
	switch {
	case !readable(pair.Name) || !readable(pair.Value):
		bad = malformed("has bytes that are no text")
	case pair.Value == "":
		bad = p.empty(pair)
	case read != nil:
		bad = p.once(pair, read)
	case isInclude(pair.Name):
		bad = p.include(pair)
	default:
		bad = p.clause(pair)
	}
	if bad != nil {
		p.report(pair.Name, bad)
		return
	}
	p.q.Used = append(p.q.Used, pair)
}

// empty is what is wrong with a parameter without a value. Of _has, whose name says most, the name is looked at first.
func (p *parser) empty(pair Pair) *problem {
	if rest, is := strings.CutPrefix(pair.Name, "_has"); is && strings.Count(rest, ":") < 3 {
		return formOfHas(p.set, p.q.Type, rest)
	}
	return skippable("value", "has no value")
}

// readable reports whether s is text that a database takes: UTF-8 without NUL.
func readable(s string) bool {
	for i := range len(s) {
		if s[i] == 0 {
			return false
		}
	}
	return utf8.ValidString(s)
}

func (p *parser) once(pair Pair, read func(*parser, string) *problem) *problem {
	for _, name := range p.seen {
		if name == pair.Name {
			return malformed("must be given only once")
		}
	}
	p.seen = append(p.seen, pair.Name)
	return read(p, pair.Value)
}

func (p *parser) report(name string, bad *problem) {
	name = Printable(name)
	i := fault.Issue{Code: bad.code, Text: "search parameter " + name + " " + bad.message(), Expression: "http." + name}
	if bad.skippable && p.lenient {
		i.Text, i.Warning = i.Text+"; it was ignored", true
		p.ignored = append(p.ignored, i)
		return
	}
	p.wrong = append(p.wrong, i)
}
