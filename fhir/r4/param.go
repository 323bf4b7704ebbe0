package r4

import (
	_ "embed"
	"maps"
	"slices"
	"strings"
	"sync"
)

//go:embed tables/params.txt
var paramsText string

// FirstCustomParam is where the numbers of search parameters begin that are not in R4: Param.ID is below.
const FirstCustomParam = 10000

// Param is a search parameter (https://hl7.org/fhir/R4/searchparameter.html).
type Param struct {
	ID         uint16 // number of the definition, the same for all its bases; never changes, may be stored
	Code       string // name in a query: "birthdate"
	Type       string // number, date, string, token, reference, composite, quantity, uri, special
	URL        string
	Bases      []string // resource types it is for; "Resource" and "DomainResource" stand for all
	Targets    []string // resource types that a reference parameter may point to
	Expression string   // FHIRPath over all bases, as published; "" for _text, _content and _query. See On
	Components []Component
	Rules      *ParamRules // what a definition that is not in R4 allows; nil: everything
}

// ParamRules are what a definition allows to ask of its parameter (https://hl7.org/fhir/R4/searchparameter.html). A list
// that is nil allows everything.
type ParamRules struct {
	Modifiers   []string // as in a query: missing, exact, contains ...
	Comparators []string // prefixes: eq, ne, gt ...
	Chains      []string // parameters that may follow this one in a chain
	OneValue    bool     // no alternatives joined by a comma (multipleOr is false)
	Once        bool     // may be given only once (multipleAnd is false)
}

// Component is a part of a composite parameter.
type Component struct {
	Code, Type, URL string // of the parameter that defines the part
	Expression      string // FHIRPath from each value of the composite's own expression
}

// Params are the search parameters of a resource type, with those of Resource and DomainResource, sorted by code; for
// "Resource" or "DomainResource" those that all have. Nil if there is no such type.
func Params(resourceType string) []Param { return params()[resourceType] }

// FindParam finds a search parameter by its code.
func FindParam(resourceType, code string) (Param, bool) {
	return findParam(Params(resourceType), code)
}

// findParam looks into a list that is sorted by code.
func findParam(list []Param, code string) (Param, bool) {
	i, found := slices.BinarySearchFunc(list, code, func(p Param, code string) int { return strings.Compare(p.Code, code) })
	if !found {
		return Param{}, false
	}
	return list[i], true
}

// AllParams are the published definitions, sorted by url.
func AllParams() []Param { return allParams() }

var allParams = sync.OnceValue(readAllParams)

func readAllParams() []Param {
	list := make([]Param, 0, 1400)
	for s := (&scanner{rest: paramsText}); s.next(); {
		if s.field() == "P" {
			list = append(list, Param{
				ID: uint16(s.integer()), Code: s.field(), Type: s.field(), URL: s.field(), Bases: s.list(), Targets: s.list(), Expression: s.field(),
			})
			continue
		}
		last := &list[len(list)-1]
		last.Components = append(last.Components, Component{Code: s.field(), Type: s.field(), URL: s.field(), Expression: s.field()})
	}
	return list
}

var params = sync.OnceValue(func() map[string][]Param { return readParams(allParams()) })

// readParams sorts definitions by resource type, inherited ones included.
func readParams(all []Param) map[string][]Param {
	byBase := make(map[string][]Param, 160)
	for _, p := range all {
		for _, base := range p.Bases {
			byBase[base] = append(byBase[base], p)
		}
	}
	own := maps.Clone(byBase)
	for _, name := range append(Resources(), "DomainResource", "Resource") {
		for base := Lookup(name).Base; base != ""; base = Lookup(base).Base {
			byBase[name] = append(byBase[name], own[base]...)
		}
		slices.SortFunc(byBase[name], func(a, b Param) int { return strings.Compare(a.Code, b.Code) })
	}
	return byBase
}
