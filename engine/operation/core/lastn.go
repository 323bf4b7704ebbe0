package core

import (
	"context"
	"iter"
	"slices"
	"strconv"

	"github.com/ficushealth/ficus/engine/access"
	"github.com/ficushealth/ficus/engine/operation"
	"github.com/ficushealth/ficus/engine/store"
	"github.com/ficushealth/ficus/fault"
	"github.com/ficushealth/ficus/fhir"
	"github.com/ficushealth/ficus/fhir/search"
)

// lastn is $lastn (https://hl7.org/fhir/R4/observation-operation-lastn.html): of the observations that a search finds,
// the last ones of each code, those of one code together, the latest first. Two observations have the same code if they share a
// coding, or one has a coding that another ties to it; without any coding, if they have the same text.
func lastn() operation.Operation {
	return operation.Operation{
		Code: "lastn", Definition: definition("Observation-lastn"), On: operation.OnType, Types: []string{"Observation"}, Right: access.Search,
		In: []operation.Param{{Name: "max", Type: "positiveInt"}}, Searches: true,
		Do: func(ctx context.Context, desk *store.Desk, c operation.Call) (operation.Answer, error) {
			q, err := lastQuery(ctx, desk, c)
			if err != nil {
				return operation.Answer{}, err
			}
			most := 1
			if c.In.Has("max") {
				if most, err = strconv.Atoi(c.In.Text("max")); err != nil {
					return operation.Answer{}, wrong("max", "a whole number from 1")
				}
			}
			found, err := desk.Choose(ctx, q, func(all iter.Seq2[store.Version, error]) ([]store.Version, error) {
				return lastOfEach(all, most)
			})
			return operation.Answer{Page: &store.Page{Entries: found, Total: int64(len(found))}, Part: q}, err
		},
	}
}

// lastQuery is the search that the call describes, the latest first. It must name a patient or subject.
func lastQuery(ctx context.Context, desk *store.Desk, c operation.Call) (search.Query, error) {
	set, err := desk.Params(ctx)
	if err != nil {
		return search.Query{}, err
	}
	q, _, err := search.ParseIn(set, "Observation", c.Search, c.Handling)
	if err != nil {
		return q, err
	}
	for _, p := range c.Search {
		switch p.Name {
		case "_sort", "_count", "_cursor", "_total", "_include", "_revinclude", "_include:iterate", "_revinclude:iterate", "_contained":
			return q, fault.At(fault.Invalid, fault.Issue{Code: "not-supported", Text: "$lastn has an order and a size of its own; it does not take " + p.Name, Expression: "http." + p.Name})
		}
	}
	if !slices.ContainsFunc(q.Clauses, func(k search.Clause) bool { return k.Code == "patient" || k.Code == "subject" }) {
		return q, fault.At(fault.Invalid, fault.Issue{Code: "required", Text: "$lastn needs the search parameter patient or subject", Expression: "http.patient"})
	}
	latest, _, err := search.Parse("Observation", []search.Pair{{Name: "_sort", Value: "-date"}}, search.Strict)
	q.Sort = latest.Sort
	return q, err
}

// groups sorts what comes, the latest first, by code. No group keeps more than it may show.
type groups struct {
	most  int
	list  []*group
	byKey map[string]*group
	n     int
}

type group struct {
	items []numbered
	into  *group // the group that this one became part of
}

// numbered is an observation with its place among all.
type numbered struct {
	n int
	store.Version
}

func lastOfEach(all iter.Seq2[store.Version, error], most int) ([]store.Version, error) {
	g := &groups{most: most, byKey: map[string]*group{}}
	for v, err := range all {
		if err != nil {
			return nil, err
		}
		r, err := v.Resource()
		if err != nil {
			return nil, err
		}
		g.add(codesOf(r.Get("code")), v)
	}
	return g.chosen(), nil
}

// codesOf are the keys under which an observation's code is known.
func codesOf(code fhir.Value) (keys []string) {
	for c := range code.Get("coding").Items() {
		if code := c.Get("code").Str(); code != "" {
			keys = append(keys, "c"+c.Get("system").Str()+"|"+code)
		}
	}
	if len(keys) == 0 {
		keys = append(keys, "t"+code.Get("text").Str())
	}
	return keys
}

func (g *groups) add(keys []string, v store.Version) {
	to := g.of(keys[0])
	for _, key := range keys[1:] {
		if other := g.of(key); other != to {
			to = g.merge(to, other)
		}
	}
	g.n++
	if len(to.items) < g.most {
		to.items = append(to.items, numbered{g.n, v})
	}
}

func (g *groups) of(key string) *group {
	at := g.byKey[key]
	if at == nil {
		at = &group{}
		g.list = append(g.list, at)
	}
	for at.into != nil {
		at = at.into
	}
	g.byKey[key] = at
	return at
}

// merge makes one group of two; the last of both are among the last of each.
func (g *groups) merge(a, b *group) *group {
	a.items = append(a.items, b.items...)
	slices.SortFunc(a.items, func(x, y numbered) int { return x.n - y.n })
	a.items = a.items[:min(len(a.items), g.most)]
	b.items, b.into = nil, a
	return a
}

func (g *groups) chosen() (out []store.Version) {
	kept := slices.DeleteFunc(g.list, func(x *group) bool { return len(x.items) == 0 })
	slices.SortFunc(kept, func(a, b *group) int { return a.items[0].n - b.items[0].n })
	for _, x := range kept {
		for _, i := range x.items {
			out = append(out, i.Version)
		}
	}
	return out
}
