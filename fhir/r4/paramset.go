package r4

import (
	"slices"
	"strconv"
	"strings"
)

// ParamSet are the search parameters by which resources are indexed and searched: those of R4 and some of a tenant's own. It
// never changes. nil is R4 alone.
type ParamSet struct {
	own map[string][]Param // by resource type, those of Resource and DomainResource with them
	all map[string][]Param // the same with those of R4, sorted by code; only types that have some of their own
}

// NewParamSet adds a tenant's parameters to those of R4. No two may have one code for one type. nil if there are none.
func NewParamSet(own []Param) *ParamSet {
	if len(own) == 0 {
		return nil
	}
	s := &ParamSet{own: map[string][]Param{}, all: map[string][]Param{}}
	for _, name := range append(Resources(), "DomainResource", "Resource") {
		for _, p := range own {
			if slices.ContainsFunc(p.Bases, func(base string) bool { return IsA(name, base) }) {
				s.own[name] = append(s.own[name], p)
			}
		}
		if len(s.own[name]) > 0 {
			s.all[name] = slices.Concat(Params(name), s.own[name])
			slices.SortFunc(s.all[name], func(a, b Param) int { return strings.Compare(a.Code, b.Code) })
		}
	}
	return s
}

// Params are the parameters of a resource type, as the function Params gives those of R4.
func (s *ParamSet) Params(resourceType string) []Param {
	if s != nil && s.all[resourceType] != nil {
		return s.all[resourceType]
	}
	return Params(resourceType)
}

// Own are the parameters of a resource type that are not in R4.
func (s *ParamSet) Own(resourceType string) []Param {
	if s == nil {
		return nil
	}
	return s.own[resourceType]
}

// Find finds a parameter by its code.
func (s *ParamSet) Find(resourceType, code string) (Param, bool) {
	return findParam(s.Params(resourceType), code)
}

// Keyed finds a parameter by its key.
func (s *ParamSet) Keyed(resourceType, key string) (Param, bool) {
	number, own := ParamNumber(key)
	if !own {
		return FindParam(resourceType, key)
	}
	list := s.Own(resourceType)
	if i := slices.IndexFunc(list, func(p Param) bool { return p.ID == number }); i >= 0 {
		return list[i], true
	}
	return Param{}, false
}

// Key is the name under which the rows of a parameter stand in the index: its code, or for one that is not in R4 its code
// and number, so that rows of another definition of the same code are never taken for its own.
func (p Param) Key() string {
	if p.ID < FirstCustomParam {
		return p.Code
	}
	return p.Code + "#" + strconv.Itoa(int(p.ID))
}

// ParamNumber is the number in the key of a parameter that is not in R4.
func ParamNumber(key string) (number uint16, own bool) {
	_, digits, own := strings.Cut(key, "#")
	n, err := strconv.ParseUint(digits, 10, 16)
	return uint16(n), own && err == nil
}
