package store

import (
	"slices"

	"github.com/ficushealth/ficus/fault"
	"github.com/ficushealth/ficus/fhir/r4"
	"github.com/ficushealth/ficus/fhir/search"
)

// compartment is the condition that a resource belongs to a compartment: that one of the
// parameters that the definition lists for its type refers to the owner, or that it is the owner.
// Faults: Unknown for a type that has no place in the compartment.
func (c *compiler) compartment(of search.Compartment) (predicate, error) {
	owner, known := typeIndex(of.Type)
	codes := r4.Compartment(of.Type, c.typ)
	if !known || len(codes) == 0 && c.typ != of.Type {
		return predicate{}, fault.At(fault.Unknown, fault.Issue{Code: "not-supported", Text: "no " + c.typ + " belongs to the compartment of " + fault.A(of.Type)})
	}
	var p predicate
	if len(codes) > 0 {
		hashes := make([]any, len(codes))
		for i, code := range codes {
			hashes[i] = c.h.Refers(c.typ, code, of.Type)
		}
		at := where("x.target = (SELECT MAX(t.rid) FROM resource t WHERE t.tenant = $1 AND t.type = ? AND t.id = ?)", owner, of.ID)
		x := probe{table: "ix_ref", where: []test{at, oneOf("x.hash", hashes)}}
		if len(hashes) == 1 {
			x.where[1], x.walk = where("x.hash = ?", hashes[0]), true
		}
		p.probes = append(p.probes, x)
	}
	if c.typ == of.Type {
		p.probes = append(p.probes, probe{table: "resource", where: []test{c.live(), where("x.id = ?", of.ID)}})
	}
	return p, nil
}

// member is the condition that a resource belongs to a compartment, which none does of a type that has no place in it. In the
// compartment of nothing is what stands inside of another resource (inner).
func (c *compiler) member(of search.Compartment) predicate {
	if of.Type == "" {
		return predicate{probes: []probe{{table: "resource", where: []test{where("x.rid < ?", 0)}}}}
	}
	p, err := c.compartment(of)
	if err != nil {
		return predicate{form: search.Any}
	}
	return p
}

// compartmentTypes are the types that have a place in a compartment, in the order of names.
func compartmentTypes(owner string) (types []string) {
	for _, t := range r4.Resources() {
		if t == owner || len(r4.Compartment(owner, t)) > 0 {
			types = append(types, t)
		}
	}
	slices.Sort(types)
	return types
}
