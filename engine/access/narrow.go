package access

import (
	"github.com/ficushealth/ficus/fhir/r4"
	"github.com/ficushealth/ficus/fhir/search"
)

// Narrow says what of the resources of one type a principal may see or change by one operation: those that meet all of
// Where. The conditions are those of a search, so that the store asks them inside of its own: what is not admitted is in no
// page, no total and no order. A value is shared and never changed.
type Narrow struct {
	All   bool            // all of them: Where is empty
	Where []search.Clause // none of them leads to another resource but those of roles
	Hide  []string        // top-level elements that are left out of what is shown
	Keep  []string        // top-level elements that a write may not change
}

// decide works a decision out. The resource type may be empty: the whole server, of which the decision only says whether
// there is a part of it. A set of nil is the parameters of R4. Faults: Forbidden.
func (p *Principal) decide(op Op, resourceType string, set *r4.ParamSet) (n Narrow, err error) {
	for _, ask := range []func(Op, string, *r4.ParamSet) (ways, bool){p.scoped, p.reached} {
		list, ok := ask(op, resourceType, set)
		if !ok {
			return Narrow{}, refusal(op, resourceType)
		}
		n.Where = list.onto(n.Where)
	}
	n.Where = append(n.Where, p.cleared(resourceType, set)...)
	n.Hide, n.Keep = p.Roles.masked(resourceType)
	n.All = len(n.Where) == 0
	return n, nil
}

// ways are alternatives, each with all its conditions. No alternative without conditions is among them: then all is open.
type ways struct {
	open bool
	list [][]search.Clause
}

func (w *ways) add(conditions []search.Clause) {
	if w.open = w.open || len(conditions) == 0; !w.open {
		w.list = append(w.list, conditions)
	}
}

// onto adds to a list of conditions that one of the ways is open.
func (w ways) onto(where []search.Clause) []search.Clause {
	switch {
	case w.open || len(w.list) == 0:
		return where
	case len(w.list) == 1:
		return append(where, w.list[0]...)
	}
	any := search.Clause{Form: search.Any, Name: "access"}
	for _, way := range w.list {
		any.Sub = append(any.Sub, all(way))
	}
	return append(where, any)
}

func all(list []search.Clause) search.Clause {
	if len(list) == 1 {
		return list[0]
	}
	return search.Clause{Form: search.All, Name: "access", Sub: list}
}

// scoped are the ways that the scopes open.
func (p *Principal) scoped(op Op, resourceType string, set *r4.ParamSet) (w ways, ok bool) {
	if p.Scopes.Allow(op, resourceType) {
		return w, true
	}
	for i := range p.Scopes.grants {
		g := &p.Scopes.grants[i]
		if !g.covers(op, resourceType) {
			continue
		}
		if way, leads := p.way(g, resourceType, set); leads {
			w.add(way)
			ok = true
		}
	}
	return w, ok
}

// way is what a resource must meet for a grant; not leads if none can.
func (p *Principal) way(g *grant, resourceType string, set *r4.ParamSet) (way []search.Clause, leads bool) {
	if resourceType == "" {
		return nil, g.level != patient || p.Patient != ""
	}
	if g.level == patient {
		if p.Patient == "" || !hasPlace("Patient", resourceType) {
			return nil, false
		}
		way = append(way, within("Patient", p.Patient))
	}
	query, ok := g.clauses(resourceType, set)
	return append(way, query...), ok
}

// hasPlace reports whether a resource of the type may be in a compartment.
func hasPlace(owner, resourceType string) bool {
	return owner == resourceType || len(r4.Compartment(owner, resourceType)) > 0
}

// within is the condition that a resource is in the compartment of another.
func within(owner, id string) search.Clause {
	return search.Clause{Form: search.Within, Name: "access", Compartment: search.Compartment{Type: owner, ID: id}}
}
