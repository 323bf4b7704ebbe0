package search

import (
	"slices"
	"strings"

	"github.com/ficushealth/ficus/fhir/r4"
)

// What one condition, or one key of the order, may ask for.
const (
	maxHops         = 8    // references followed behind one another
	maxAlternatives = 64   // types that a chain leads to, over all its steps
	maxReads        = 3000 // ways that are tried to find them, for all conditions together
)

// step reads the name of a condition from left to right: a chain a.b.c
// (https://hl7.org/fhir/R4/search.html#chaining), _has:Type:reference:rest
// (https://hl7.org/fhir/R4/search.html#has), or a parameter, in any mixture.
type step struct {
	p     *parser
	whole string
	value string
	hops  int
	spent *spent
}

// spent is what reading has cost so far: reads of the whole search, alternatives of one condition.
type spent struct{ reads, alternatives int }

// tooMany refuses what leads everywhere.
func (s *spent) tooMany(code, other string) *problem {
	if s.reads > maxReads || s.alternatives > maxAlternatives {
		return malformed("may lead to more than %d types of resources; name one, as in %s:%s", maxAlternatives, code, other)
	}
	return nil
}

func (s step) read(typ, name string) (Clause, *problem) {
	if s.hops > maxHops {
		return Clause{}, malformed("follows more than %d references", maxHops)
	}
	s.spent.reads++
	if rest, reverse := strings.CutPrefix(name, "_has:"); reverse {
		return s.has(typ, rest)
	}
	if head, rest, chained := strings.Cut(name, "."); chained {
		return s.chain(typ, head, rest)
	}
	return last(s.p.set, typ, name, s.value)
}

// chain follows a reference to the types that may be at its other end. Where none is named, all
// count that have what is asked next.
func (s step) chain(typ, head, rest string) (Clause, *problem) {
	param, others, urls, bad := followed(s.p.set, typ, head)
	if bad == nil {
		bad = mayChain(param, rest)
	}
	if bad != nil {
		return Clause{}, bad
	}
	var all []Clause
	var wrong *problem
	s.hops++
	for _, other := range others {
		sub, bad := s.read(other, rest)
		if bad == nil {
			s.spent.alternatives++
		}
		if costly := s.spent.tooMany(param.Code, other); costly != nil {
			return Clause{}, costly
		}
		if bad != nil {
			if wrong == nil || wrong.skippable {
				wrong = bad
			}
			continue
		}
		all = append(all, Clause{Form: Join, Name: s.whole, Type: named(typ), Param: param, Code: param.Key(), Other: other, URLs: urls,
			Implied: !strings.Contains(head, ":") && len(others) > 1, Sub: []Clause{sub}})
	}
	if len(all) == 0 {
		return Clause{}, wrong
	}
	return either(s.whole, all), nil
}

// has asks for resources of a type that refer to this one: Type:reference:condition.
func (s step) has(typ, rest string) (Clause, *problem) {
	other, rest, ok := strings.Cut(rest, ":")
	code, rest, has := strings.Cut(rest, ":")
	if !ok || !has || rest == "" {
		return Clause{}, formOfHas(s.p.set, typ, other)
	}
	if _, known := r4.ResourceIndex(other); !known {
		return Clause{}, malformed("names a resource type that FHIR R4 does not have")
	}
	param, others, urls, bad := followed(s.p.set, other, code)
	switch {
	case bad != nil:
		return Clause{}, bad
	case typ != "Resource" && !slices.Contains(others, typ):
		return Clause{}, malformed("asks for %s that refer to %s by %s, which leads to %s", other, typ, code, few(others))
	}
	s.hops++
	sub, bad := s.read(other, rest)
	return Clause{Form: Join, Name: s.whole, Type: named(typ), Reverse: true, Param: param, Code: param.Key(), Other: other, URLs: urls, Sub: []Clause{sub}}, bad
}

// formOfHas says how to ask what refers to a type, by an example that works where the type that refers is told.
func formOfHas(set *r4.ParamSet, typ, rest string) *problem {
	other, _, _ := strings.Cut(strings.TrimPrefix(rest, ":"), ":")
	example := "_has:Observation:patient:code"
	if code := refersBy(set, other, typ); code != "" {
		example = "_has:" + other + ":" + code + ":_id"
	}
	return malformed("must have the form _has:Type:reference:parameter, as in %s: the type that refers to what is searched, by which of its parameters, and what of it is asked", example)
}

// refersBy is the reference parameter of a type that leads to another, of several that which leads to least else; "" if there is none.
func refersBy(set *r4.ParamSet, typ, to string) (code string) {
	if _, known := r4.ResourceIndex(typ); !known {
		return ""
	}
	least := len(r4.Resources()) + 1
	for _, p := range set.Params(typ) {
		if all := targets(p); p.Type == "reference" && len(all) < least && slices.Contains(all, to) {
			code, least = p.Code, len(all)
		}
	}
	return code
}

// references reads one step of a chain, a reference parameter of the type with the
// modifier [type] if wanted: the parameter, and the types it may lead to.
func references(set *r4.ParamSet, typ, head string) (param r4.Param, others []string, bad *problem) {
	code, target, hasTarget := strings.Cut(head, ":")
	param, ok := set.Find(typ, code)
	switch {
	case !ok:
		return param, nil, unknownParam("follows a parameter that is not known for ", set, typ, code)
	case param.Type != "reference":
		return param, nil, malformed("follows %s, a parameter of type %s; only references can be followed", param.Code, param.Type)
	case !hasTarget:
		return param, targets(param), nil
	case !slices.Contains(targets(param), target):
		return param, nil, malformed("follows %s to a type that it does not lead to; it leads to %s", param.Code, few(targets(param)))
	}
	return param, []string{target}, nil
}

// targets are the types that a reference parameter leads to. The parameter patient is published with Group and others among
// its targets, but its expressions keep only patients.
func targets(param r4.Param) []string {
	if param.Key() == "patient" {
		return []string{"Patient"}
	}
	if len(param.Targets) == 0 {
		return r4.Resources()
	}
	return param.Targets
}

// few names a few of a list.
func few(names []string) string {
	const some = 8
	if len(names) > some {
		return strings.Join(names[:some], ", ") + " and others"
	}
	return strings.Join(names, ", ")
}
