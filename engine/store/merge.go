package store

import (
	"math"
	"slices"

	"github.com/ficushealth/ficus/engine/db"
	"github.com/ficushealth/ficus/fhir/search"
)

// maxBranches is how many keys of an index are walked side by side.
const maxBranches = 8

// branches are a predicate in parts, each of which one key of an index meets in
// the order of creation; nil if it has no such parts, or too many.
func (p predicate) branches() (parts []predicate) {
	if p.form != search.Compare || p.negated {
		return nil
	}
	for _, x := range p.probes {
		i := slices.IndexFunc(parts, func(q predicate) bool { return x.sweep && x.sameKey(q.probes[0]) })
		switch {
		case !x.walk && !x.sweep || x.table != p.probes[0].table || x.walk != p.probes[0].walk:
			return nil
		case i >= 0:
			parts[i].probes = append(parts[i].probes, x)
		default:
			parts = append(parts, predicate{probes: []probe{x}})
		}
	}
	if len(parts) > maxBranches {
		return nil
	}
	return parts
}

// sameKey reports whether two look-ups are of one parameter.
func (x probe) sameKey(y probe) bool { return x.where[0].args[0] == y.where[0].args[0] }

// walkable reports whether index keys alone yield the predicate's resources in order.
func (p predicate) walkable() bool {
	parts := p.branches()
	return len(parts) > 0 && parts[0].probes[0].walk
}

// sweepable reports whether the rows of the predicate's parameters can be met in order, and tell by themselves whether they match.
func (p predicate) sweepable() bool {
	parts := p.branches()
	return len(parts) > 0 && parts[0].probes[0].sweep
}

// split gives the parts of what is walked, if there are several.
func (src source) split(f *finder) []predicate {
	if src.walk < 0 {
		return nil
	}
	if parts := f.preds[src.walk].branches(); len(parts) > 1 {
		return parts
	}
	return nil
}

// unsplit is the source for whoever takes all candidates: what has several parts is collected.
func (src source) unsplit(f *finder) source {
	if src.split(f) != nil {
		return source{walk: -1, collect: src.walk}
	}
	return src
}

// merged walks each part for a page of its own; the first of all of them are the page.
func (src source) merged(f *finder, st *statement, parts []predicate) {
	if src.first > 0 {
		src.window(f, st, parts)
	}
	st.add("SELECT DISTINCT c.rid FROM (")
	for i := range parts {
		if i > 0 {
			st.add(" UNION ALL ")
		}
		g := f.with(src.walk, parts[i])
		one := src
		one.first, one.within = 0, src.first > 0
		st.add("SELECT * FROM (SELECT DISTINCT c.rid AS rid FROM ")
		one.from(g, st)
		one.filters(g, st)
		st.add(" AND c.rid > ? ORDER BY c.rid LIMIT ?) b", f.at.rid, f.limit+1)
	}
	st.add(") c ORDER BY c.rid LIMIT ?", f.limit+1)
}

// with is the search with one predicate in the place of another.
func (f *finder) with(i int, p predicate) *finder {
	g := *f
	g.preds = slices.Clone(f.preds)
	g.preds[i] = p
	return &g
}

// window begins a query in which w ends the walk of all parts at one place: where the first of them has taken its steps. Behind it a part that
// ended sooner could have matches of which nothing is known.
func (src source) window(f *finder, st *statement, parts []predicate) {
	least := "LEAST("
	if st.dialect == db.SQLite {
		least = "MIN("
	}
	st.add("WITH w AS MATERIALIZED (SELECT " + least)
	for i := range parts {
		if i > 0 {
			st.add(", ")
		}
		g := f.with(src.walk, parts[i])
		st.add("COALESCE((SELECT c.rid FROM ")
		src.table(g, st)
		st.add(" AND c.rid > ? ORDER BY c.rid LIMIT 1 OFFSET ?), ?)", f.at.rid, src.first, int64(math.MaxInt64))
	}
	st.add(") AS rid) ")
}
