package term

import (
	"github.com/ficushealth/ficus/fault"
	"github.com/ficushealth/ficus/fhir"
)

// ValueSet is a value set that was read.
type ValueSet struct {
	URL, Version, Name, Title string
	Include, Exclude          []Clause
	ActiveOnly                bool    // compose.inactive is false
	Listed                    []Entry // of a value set without compose: its expansion
	byCode                    map[string][]int32
}

// Clause is one include or exclude: what is in the system and in all the sets.
type Clause struct {
	System, Version string
	Concepts        []Choice // codes named one by one; nil: all
	Filters         []Filter // all must hold
	Sets            []string // canonical urls

	codes map[string]int32
}

// Choice is a code that a clause names.
type Choice struct {
	Code, Display string
	Designations  []Designation
}

// Filter selects concepts by a property.
type Filter struct {
	Property, Op, Value string

	match matcher
}

// ReadValueSet reads a ValueSet resource. Faults: Unprocessable for a filter that cannot be understood.
func ReadValueSet(r fhir.Resource) (*ValueSet, error) {
	compose := r.Get("compose")
	vs := &ValueSet{
		URL: r.Get("url").Str(), Version: r.Get("version").Str(), Name: r.Get("name").Str(), Title: r.Get("title").Str(),
		ActiveOnly: compose.Get("inactive").Str() == "false",
	}
	var err error
	if vs.Include, err = clauses(compose.Get("include")); err != nil {
		return nil, err
	}
	if vs.Exclude, err = clauses(compose.Get("exclude")); err != nil {
		return nil, err
	}
	if len(vs.Include) == 0 {
		vs.list(r.Get("expansion").Get("contains"), 0)
		vs.byCode = make(map[string][]int32, len(vs.Listed))
		for i, e := range vs.Listed {
			vs.byCode[e.Code] = append(vs.byCode[e.Code], int32(i))
		}
	}
	return vs, nil
}

// Wholes are the code systems of which the set takes all codes, in any version, and the set of what it takes besides. A set that
// leaves something out takes none whole.
func (vs *ValueSet) Wholes() (systems []string, rest *ValueSet) {
	if vs.ActiveOnly || len(vs.Exclude) > 0 {
		return nil, vs
	}
	more := *vs
	more.Include = nil
	for _, c := range vs.Include {
		if c.System != "" && c.Version == "" && c.Concepts == nil && c.Filters == nil && c.Sets == nil {
			systems = append(systems, c.System)
		} else {
			more.Include = append(more.Include, c)
		}
	}
	return systems, &more
}

func (vs *ValueSet) list(contains fhir.Value, depth int) {
	for v := range contains.Items() {
		e := Entry{
			Coding:   Coding{v.Get("system").Str(), v.Get("version").Str(), v.Get("code").Str(), v.Get("display").Str()},
			Abstract: v.Get("abstract").IsTrue(), Inactive: v.Get("inactive").IsTrue(),
		}
		if e.Code != "" {
			vs.Listed = append(vs.Listed, e)
		}
		if depth < mostNested {
			vs.list(v.Get("contains"), depth+1)
		}
	}
}

func clauses(list fhir.Value) ([]Clause, error) {
	var out []Clause
	for v := range list.Items() {
		c, err := clause(v)
		if err != nil {
			return nil, err
		}
		out = append(out, c)
	}
	return out, nil
}

func clause(v fhir.Value) (Clause, error) {
	c := Clause{System: v.Get("system").Str(), Version: v.Get("version").Str(), codes: map[string]int32{}}
	for s := range v.Get("valueSet").Items() {
		c.Sets = append(c.Sets, s.Str())
	}
	for item := range v.Get("concept").Items() {
		choice := Choice{Code: item.Get("code").Str(), Display: item.Get("display").Str()}
		for d := range item.Get("designation").Items() {
			use := d.Get("use")
			choice.Designations = append(choice.Designations, Designation{d.Get("language").Str(), use.Get("system").Str(), use.Get("code").Str(), d.Get("value").Str()})
		}
		c.codes[choice.Code] = int32(len(c.Concepts))
		c.Concepts = append(c.Concepts, choice)
	}
	for item := range v.Get("filter").Items() {
		f := Filter{Property: item.Get("property").Str(), Op: item.Get("op").Str(), Value: item.Get("value").Str()}
		if err := f.ready(); err != nil {
			return c, fault.At(fault.Unprocessable, issueAt(item, "invalid", err.Error()))
		}
		c.Filters = append(c.Filters, f)
	}
	if c.System == "" && len(c.Sets) == 0 {
		return c, fault.At(fault.Unprocessable, issueAt(v, "required", "an include or exclude needs a system or a value set"))
	}
	return c, nil
}
