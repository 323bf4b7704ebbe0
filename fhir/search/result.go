package search

import (
	"slices"
	"strconv"
	"strings"

	"github.com/ficushealth/ficus/fhir/r4"
)

// resultParam is the reader of a parameter that shapes the result rather than filters it
// (https://hl7.org/fhir/R4/search.html#return); nil for all others.
func resultParam(name string) func(*parser, string) *problem {
	switch name {
	case "_sort":
		return (*parser).sort
	case "_count":
		return (*parser).count
	case "_cursor":
		return (*parser).cursor
	case "_total":
		return (*parser).total
	case "_summary":
		return (*parser).summary
	case "_elements":
		return (*parser).elements
	case "_type":
		return (*parser).typed
	case "_contained":
		return (*parser).contained
	case "_containedType":
		return (*parser).containedType
	}
	return nil
}

func (p *parser) count(value string) *problem {
	n, err := strconv.ParseUint(value, 10, 31)
	if err != nil {
		return badValue("must be a whole number from 0")
	}
	p.q.Count = int(n)
	return nil
}

func (p *parser) cursor(value string) *problem {
	p.q.Cursor = value
	return nil
}

func (p *parser) total(value string) *problem {
	i := slices.Index([]string{"none", "estimate", "accurate"}, value)
	if i < 0 {
		return badValue("must be none, estimate or accurate")
	}
	p.q.Total = TotalNone + Total(i)
	return nil
}

func (p *parser) summary(value string) *problem {
	switch s := Summary(value); s {
	case "false":
	case SummaryTrue, SummaryText, SummaryData, SummaryCount:
		p.q.Summary = s
	default:
		return badValue("must be true, text, data, count or false")
	}
	return nil
}

func (p *parser) elements(value string) *problem {
	for name := range strings.SplitSeq(value, ",") {
		if !p.hasElement(name) {
			return badValue("must be a list of elements that stand directly in %s, separated by commas", p.typeName())
		}
		if !slices.Contains(p.q.Elements, name) {
			p.q.Elements = append(p.q.Elements, name)
		}
	}
	return nil
}

// hasElement takes in a search over several types what any type has.
func (p *parser) hasElement(name string) bool {
	types := []string{p.q.Type}
	if p.q.Type == "" {
		types = r4.Resources()
	}
	return slices.ContainsFunc(types, func(typ string) bool {
		t := r4.Lookup(typ)
		return t != nil && slices.ContainsFunc(t.Elements, func(e r4.Element) bool { return e.Name == name })
	})
}

// typeName is the type whose parameters and elements a search over all types has.
func (p *parser) typeName() string {
	if p.q.Type == "" {
		return "Resource"
	}
	return p.q.Type
}

func (p *parser) sort(value string) *problem {
	keys := strings.Split(value, ",")
	if len(keys) > maxSort {
		return malformed("takes at most %d keys", maxSort)
	}
	for i, key := range keys {
		by, bad := p.sharedKey(key)
		if bad != nil {
			bad.text = "(key " + itoa(i+1) + ") " + bad.text
			return bad
		}
		p.q.Sort = append(p.q.Sort, by)
	}
	return nil
}

// sharedKey reads a key of the order. In a search over several types it is one that all of them have, without references.
func (p *parser) sharedKey(key string) (s Sort, bad *problem) {
	types := p.types()
	if strings.Contains(key, ".") {
		types = []string{p.typeName()}
	}
	for i, typ := range types {
		one, bad := p.sortKey(key, typ)
		if bad != nil {
			return s, bad
		}
		if i > 0 && (one.Code != s.Code || one.Param.Type != s.Param.Type) {
			return s, malformed("cannot be by %s, which is not the same for %s and %s", one.Param.Code, types[0], typ)
		}
		if i == 0 {
			s = one
		}
	}
	return s, nil
}

// sortKey reads [-]parameter, or [-]reference[:Type].parameter with any number of references.
func (p *parser) sortKey(key, typ string) (s Sort, bad *problem) {
	chain, desc := strings.CutPrefix(key, "-")
	steps := strings.Split(chain, ".")
	for i, step := range steps[:len(steps)-1] {
		if i == maxHops {
			return s, malformed("follows more than %d references", maxHops)
		}
		h, bad := sortHop(p.set, typ, step, steps[i+1])
		if bad != nil {
			return s, bad
		}
		s.Via, typ = append(s.Via, h), h.Other
	}
	param, ok := p.set.Find(typ, steps[len(steps)-1])
	switch {
	case !ok:
		return s, malformed("must be a list of search parameters of %s, separated by commas, each with - in front for descending order", typ)
	case !sortable(param):
		return s, malformed("cannot be by %s, a parameter of type %s", param.Code, param.Type)
	}
	s.Param, s.Code, s.Desc = param, param.Key(), desc
	return s, nil
}

// sortHop wants one type at the other end: an order mixes no types.
func sortHop(set *r4.ParamSet, typ, step, next string) (h Hop, bad *problem) {
	param, others, bad := ordered(set, typ, step)
	if bad != nil {
		return h, bad
	}
	code, _, _ := strings.Cut(next, ":")
	having := slices.DeleteFunc(slices.Clone(others), func(t string) bool { // others may be those of the tables, which all requests share
		_, has := set.Find(t, code)
		return !has
	})
	switch len(having) {
	case 1:
		return Hop{typ, param.Key(), having[0]}, nil
	case 0:
		return h, malformed("follows %s to resources that do not have the next parameter", param.Code)
	}
	return h, malformed("follows %s, which leads to several types; name one, as in %s:%s", param.Code, param.Code, having[0])
}

func sortable(param r4.Param) bool {
	return param.Expression != "" && param.Type != "composite" && param.Type != "special"
}
