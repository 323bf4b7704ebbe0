package store

import (
	"github.com/ficushealth/ficus/engine/access"
	"github.com/ficushealth/ficus/fhir/search"
)

// What a condition asks of other resources tells something about them, so whoever
// asks needs the right to search their types, on every step of a chain, of _has and of an order along references. A type that
// the request names and that is closed to the caller refuses the search. Where a
// chain names none, it leads only to those that are open; to none of them, and it is refused.

// reachable is the search without the ways that are closed to the caller. Faults: Forbidden.
func reachable(p principal, q search.Query) (search.Query, error) {
	for _, s := range q.Sort {
		for _, h := range s.Via {
			if err := p.Check(access.Search, h.Other); err != nil {
				return q, err
			}
		}
	}
	clauses, err := openWays(p, q.Clauses)
	if err != nil {
		return q, err
	}
	q.Clauses = clauses
	return q, nil
}

// openWays is the list with what each clause of it may ask.
func openWays(p principal, list []search.Clause) ([]search.Clause, error) {
	if !leads(list) {
		return list, nil
	}
	out := make([]search.Clause, len(list))
	for i, k := range list {
		open, err := openWay(p, k)
		if err != nil {
			return nil, err
		}
		out[i] = open
	}
	return out, nil
}

// leads reports whether any of the clauses has parts, so that searches without chains cost nothing here.
func leads(list []search.Clause) bool {
	for _, k := range list {
		if len(k.Sub) > 0 {
			return true
		}
	}
	return false
}

func openWay(p principal, k search.Clause) (_ search.Clause, err error) {
	if k.Form == search.Join {
		if err := p.Check(access.Search, k.Other); err != nil {
			return k, err
		}
	}
	if k.Form != search.Any {
		k.Sub, err = openWays(p, k.Sub)
		return k, err
	}
	var open []search.Clause
	for _, sub := range k.Sub {
		way, closed := openWay(p, sub)
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
