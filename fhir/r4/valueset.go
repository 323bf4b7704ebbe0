package r4

import (
	_ "embed"
	"slices"
	"strings"
	"sync"
)

//go:embed tables/valuesets.txt
var valueSetsText string

// ValueSet is a value set that some element is bound to with strength required.
type ValueSet struct {
	URL      string
	Complete bool   // the codes are all there are
	Codes    []Code // sorted by code, then system
}

// Code is one code of a value set.
type Code struct{ System, Code string }

// ValueSetCodes are the codes of a value set that some element is bound to with strength required; complete says that
// there are no others. A value set that is not enumerable here (mime types, UCUM) or not known gives complete false. A
// version behind | is ignored. See Code for the order.
func ValueSetCodes(url string) (codes []Code, complete bool) {
	url, _, _ = strings.Cut(url, "|")
	if v := valueSets()[url]; v != nil {
		return v.Codes, v.Complete
	}
	return nil, false
}

// CodeSystemOf is the system that a bare code stands for in an element bound to a value set
// (https://hl7.org/fhir/R4/terminologies.html#code); false if the value set is unknown or has no such code. Of several
// systems with that code it is the first by name.
func CodeSystemOf(bindingURL, code string) (system string, ok bool) {
	codes, _ := ValueSetCodes(bindingURL)
	if i, found := find(codes, code); found {
		return codes[i].System, true
	}
	return "", false
}

// Has reports whether code is in the value set under any system.
func (v *ValueSet) Has(code string) bool {
	_, found := find(v.Codes, code)
	return found
}

// Contains reports whether code of system is in the value set.
func (v *ValueSet) Contains(system, code string) bool {
	i, found := find(v.Codes, code)
	for found && i < len(v.Codes) && v.Codes[i].Code == code {
		if v.Codes[i].System == system {
			return true
		}
		i++
	}
	return false
}

func find(codes []Code, code string) (int, bool) {
	return slices.BinarySearchFunc(codes, code, func(c Code, code string) int { return strings.Compare(c.Code, code) })
}

// completeSet is the value set if all its codes are known, else nil.
func completeSet(url string) *ValueSet {
	if v := valueSets()[url]; v != nil && v.Complete {
		return v
	}
	return nil
}

var valueSets = sync.OnceValue(func() map[string]*ValueSet {
	all := make(map[string]*ValueSet, 256)
	var v *ValueSet
	for s := (&scanner{rest: valueSetsText}); s.next(); {
		if s.field() == "S" {
			v = &ValueSet{URL: s.field(), Complete: s.field() == "complete"}
			all[v.URL] = v
			continue
		}
		for system := s.field(); s.line != ""; {
			v.Codes = append(v.Codes, Code{system, s.field()})
		}
	}
	for _, v := range all {
		slices.SortStableFunc(v.Codes, func(a, b Code) int { return strings.Compare(a.Code, b.Code) })
	}
	return all
})
