package store

import (
	"slices"

	"github.com/ficushealth/ficus/engine/access"
	"github.com/ficushealth/ficus/fault"
	"github.com/ficushealth/ficus/fhir/r4"
	"github.com/ficushealth/ficus/fhir/search"
)

// What a condition asks of other resources tells something about them, so whoever
// asks needs the right to search their types, on every step of a chain, of _has and of an order along references. A type that
// the request names and that is closed to the caller refuses the search. Where a
// chain names none, it leads only to those that are open; to none of them, and it is refused. Of a type of which he sees a
// part, a step leads to that part.

// reachable is the search without the ways that are closed to the caller. Faults: Forbidden.
func (v sight) reachable(q search.Query) (search.Query, error) {
	for _, s := range q.Sort {
		if err := v.sortable(q, s); err != nil {
			return q, err
		}
	}
	if !v.p.Masked() && !leads(q.Clauses) {
		return q, nil
	}
	clauses, err := v.openWays(typesIn(q), q.Clauses)
	if err != nil {
		return q, err
	}
	q.Clauses = clauses
	return q, nil
}

// sortable refuses an order that tells of what is not seen.
func (v sight) sortable(q search.Query, s search.Sort) error {
	if len(s.Via) == 0 && !v.p.Masked() {
		return nil
	}
	types := typesIn(q)
	for _, h := range s.Via {
		if err := v.whole(access.Search, h.Other); err != nil {
			return err
		}
		types = []string{h.Other}
	}
	return v.readable(types, s.Param)
}

// typesIn are the types that a search is about.
func typesIn(q search.Query) []string {
	if q.Type != "" {
		return []string{q.Type}
	}
	return q.Types
}

// openWays is the list, of conditions on resources of these types, with what each clause of it may ask.
func (v sight) openWays(types []string, list []search.Clause) ([]search.Clause, error) {
	if !v.p.Masked() && !leads(list) {
		return list, nil
	}
	out := make([]search.Clause, len(list))
	for i, k := range list {
		open, err := v.openWay(types, k)
		if err != nil {
			return nil, err
		}
		out[i] = open
	}
	return out, nil
}

// leads reports whether any of the clauses has parts or goes along parts of resources, so that searches without chains cost
// nothing here.
func leads(list []search.Clause) bool {
	return slices.ContainsFunc(list, func(k search.Clause) bool { return len(k.Sub) > 0 || kindred(k) })
}

// kindred reports whether a clause follows what is part of what.
func kindred(k search.Clause) bool {
	return k.Form == search.Compare && k.Param.Type == "reference" && (k.Modifier == search.Above || k.Modifier == search.Below)
}

func (v sight) openWay(types []string, k search.Clause) (_ search.Clause, err error) {
	if k.Type != "" {
		types = []string{k.Type}
	}
	switch k.Form {
	case search.Join:
		return v.step(types, k)
	case search.Compare:
		return k, v.comparable(types, k)
	case search.Any:
		return v.anyWay(types, k)
	}
	k.Sub, err = v.openWays(types, k.Sub)
	return k, err
}

// step lets a join lead to what the caller sees.
func (v sight) step(types []string, k search.Clause) (search.Clause, error) {
	n, err := v.may(access.Search, k.Other)
	if err != nil {
		return k, err
	}
	if k.Reverse {
		types = []string{k.Other}
	}
	if err := v.readable(types, k.Param); err != nil {
		return k, err
	}
	sub, err := v.openWays([]string{k.Other}, k.Sub)
	if err != nil {
		return k, err
	}
	k.Sub = append(slices.Clip(sub), beyond(n)...)
	return k, nil
}

// beyond are the conditions on what a step leads to. What stands inside of a resource that is seen is seen with it.
func beyond(n access.Narrow) []search.Clause {
	if n.All {
		return nil
	}
	seen := search.Clause{Form: search.All, Name: "access", Sub: n.Where}
	inside := search.Clause{Form: search.Within, Name: "access"}
	return []search.Clause{{Form: search.Any, Name: "access", Sub: []search.Clause{seen, inside}}}
}

func (v sight) anyWay(types []string, k search.Clause) (_ search.Clause, err error) {
	var open []search.Clause
	for _, sub := range k.Sub {
		way, closed := v.openWay(types, sub)
		if closed != nil && !implied(sub) {
			return k, closed
		}
		if closed != nil {
			err = closed
			continue
		}
		open = append(open, way)
	}
	if len(open) > 0 {
		err = nil
	}
	k.Sub = open
	return k, err
}

// implied reports whether the type to which the clause leads is one of several that the request does not name.
func implied(k search.Clause) bool { return k.Form == search.Join && k.Implied }

// comparable refuses a comparison that tells of what is not seen: of hidden elements, and of what is part of what.
func (v sight) comparable(types []string, k search.Clause) error {
	if kindred(k) && !v.p.Whole(access.Search, "") {
		for _, t := range familyTypes(k) {
			if err := v.whole(access.Search, t); err != nil {
				return err
			}
		}
	}
	return v.readable(types, k.Param)
}

// familyTypes are the types that a clause may mean of which one can be part of another.
func familyTypes(k search.Clause) (types []string) {
	for _, value := range k.Values {
		for _, t := range targetTypes(k, value.Ref) {
			if _, ok := partOf(t); ok {
				types = append(types, t)
			}
		}
	}
	return types
}

// readable refuses a parameter that looks at what is hidden from the caller: by asking often enough he would read it.
func (v sight) readable(types []string, p r4.Param) error {
	if !v.p.Masked() {
		return nil
	}
	for _, t := range types {
		n, err := v.may(access.Search, t)
		if err == nil && n.Hides(t, p) {
			err = fault.New(fault.Forbidden, "the search parameter %s looks at an element of %s that is hidden from you", search.Printable(p.Code), t)
		}
		if err != nil {
			return err
		}
	}
	return nil
}
