package search

import (
	"slices"
	"strings"

	"github.com/ficushealth/ficus/fhir/r4"
)

const maxIncludes = 100

func isInclude(name string) bool {
	head, _, _ := strings.Cut(name, ":")
	return head == "_include" || head == "_revinclude"
}

// include reads _include and _revinclude, both also with :iterate or its older name
// :recurse: *, Type:*, Type:parameter or Type:parameter:Target
// (https://hl7.org/fhir/R4/search.html#include).
func (p *parser) include(pair Pair) *problem {
	name, modifier, _ := strings.Cut(pair.Name, ":")
	if modifier != "" && modifier != "iterate" && modifier != "recurse" {
		return malformed("takes no modifier but :iterate")
	}
	in := Include{Reverse: name == "_revinclude", Iterate: modifier != ""}
	if bad := in.read(p.set, pair.Value); bad != nil {
		return bad
	}
	if len(p.q.Includes) == maxIncludes {
		return malformed("may be given %d times at most", maxIncludes)
	}
	if bad := p.applies(in); bad != nil {
		return bad
	}
	if !slices.Contains(p.q.Includes, in) {
		p.q.Includes = append(p.q.Includes, in)
	}
	return nil
}

func (in *Include) read(set *r4.ParamSet, value string) *problem {
	parts := strings.Split(value, ":")
	in.Source, in.Code = "*", "*"
	if value == "*" {
		return nil
	}
	if len(parts) < 2 || len(parts) > 3 {
		return malformed("must be Type:parameter, Type:parameter:Target, Type:* or *")
	}
	if _, known := r4.ResourceIndex(parts[0]); !known {
		return malformed("names a resource type that FHIR R4 does not have")
	}
	in.Source, in.Code = parts[0], parts[1]
	if len(parts) == 3 {
		in.Target = parts[2]
	}
	return in.check(set)
}

func (in *Include) check(set *r4.ParamSet) *problem {
	if in.Code == "*" {
		if _, known := r4.ResourceIndex(in.Target); !known && in.Target != "" {
			return malformed("names a resource type that FHIR R4 does not have")
		}
		return nil
	}
	param, others, bad := references(set, in.Source, in.Code)
	switch {
	case bad != nil:
		return bad
	case in.Target != "" && !slices.Contains(others, in.Target):
		return malformed("names a type to which %s does not lead; it leads to %s", param.Code, few(others))
	}
	in.Code = param.Key()
	return nil
}

// applies refuses what could never find anything: without :iterate, only matches are followed.
func (p *parser) applies(in Include) *problem {
	if p.q.Type == "" || in.Iterate {
		return nil
	}
	if !in.Reverse && in.Source != "*" && in.Source != p.q.Type {
		return malformed("follows references of %s, but the search finds %s; write :iterate to follow those of included resources", in.Source, p.q.Type)
	}
	if !in.Reverse || in.Source == "*" {
		return nil
	}
	if in.Target != "" && in.Target != p.q.Type {
		return malformed("asks for what refers to %s, but the search finds %s", in.Target, p.q.Type)
	}
	if in.Code == "*" {
		return nil
	}
	param, _ := p.set.Keyed(in.Source, in.Code)
	if _, others, _ := references(p.set, in.Source, param.Code); !slices.Contains(others, p.q.Type) {
		return malformed("asks for what refers by %s to %s, but the search finds %s", param.Code, few(others), p.q.Type)
	}
	return nil
}
