package store

import "github.com/ficushealth/ficus/engine/db"

// source is where a search gets its candidates from; every other predicate is
// then asked of each. Which one it is decides how fast the search is, so it is
// decided here and not left to the database's statistics.
type source struct {
	walk    int  // predicate whose index is walked in the order of creation; -1: none
	collect int  // predicate whose few matches are collected first; -1: none
	along   *key // the order's own index is walked
	rest    bool // with along: those that have no value in that index
}

// candidates chooses the source without regard to the order.
func (f *finder) candidates() (source, error) {
	none := source{walk: -1, collect: -1}
	var positive []int
	for i, p := range f.preds {
		if !p.negated {
			positive = append(positive, i)
		}
	}
	if len(positive) == 0 {
		return none, nil
	}
	if len(positive) == 1 && f.preds[positive[0]].walkable() {
		return source{walk: positive[0], collect: -1}, nil
	}
	counts, err := f.probeCounts(positive, few)
	if err != nil {
		return none, err
	}
	return f.choose(positive, counts)
}

// choose takes the rarest predicate, if it is rare enough to be collected; else
// one whose index yields the order of creation; else all resources of the type.
func (f *finder) choose(positive []int, counts []int64) (source, error) {
	best, walk := 0, -1
	for i, p := range positive {
		if counts[i] < counts[best] {
			best = i
		}
		if f.preds[p].walkable() && walk < 0 {
			walk = p
		}
	}
	if counts[best] < few {
		return source{walk: -1, collect: positive[best]}, nil
	}
	if walk >= 0 {
		return source{walk: walk, collect: -1}, nil
	}
	return f.rarest(positive)
}

// rarest looks further than few for a predicate that can be collected.
func (f *finder) rarest(positive []int) (source, error) {
	counts, err := f.probeCounts(positive, many)
	if err != nil {
		return source{}, err
	}
	best := 0
	for i := range counts {
		if counts[i] < counts[best] {
			best = i
		}
	}
	if counts[best] < many {
		return source{walk: -1, collect: positive[best]}, nil
	}
	return source{walk: -1, collect: -1}, nil
}

// probeCounts counts the rows of each predicate, up to a limit, in one round trip.
func (f *finder) probeCounts(list []int, limit int) ([]int64, error) {
	st := newStatement(f.s.db.Dialect(), f.k.tenant)
	for i, p := range list {
		st.add(map[bool]string{true: "SELECT ", false: ", "}[i == 0])
		st.add("(SELECT COUNT(*) FROM (SELECT 1 FROM (")
		st.rids(f.preds[p])
		st.add(") u LIMIT ?) n)", limit)
	}
	counts := make([]int64, len(list))
	err := f.s.db.Query(f.ctx, st.text(), st.args, func(r db.Row) error {
		for i := range counts {
			counts[i] = r.Int64(i)
		}
		return nil
	})
	return counts, err
}

// source chooses for one page: a large result in an order that has an index is read along that index.
func (f *finder) source() (source, error) {
	src, err := f.candidates()
	if err != nil || len(f.keys) != 1 || src.collect >= 0 || f.keys[0].table == "" {
		return src, err
	}
	return source{walk: -1, collect: -1, along: &f.keys[0]}, nil
}

// rids appends the query for number and keys of the page's resources, limit of them.
func (src source) rids(f *finder, st *statement, limit int) {
	switch {
	case src.along == nil:
		src.sorted(f, st)
	case src.along.table == "resource":
		src.alongUpdated(f, st, *src.along)
	case src.rest:
		src.withoutValue(f, st, *src.along, limit)
	default:
		src.withValue(f, st, *src.along)
	}
}

// sorted takes all that meet the query, puts them in order and cuts the page out.
func (src source) sorted(f *finder, st *statement) {
	if len(f.keys) == 0 {
		// One code may be there under two systems; its rows are neighbours, so DISTINCT costs nothing on a walk.
		st.add(map[bool]string{true: "SELECT DISTINCT c.rid FROM ", false: "SELECT c.rid FROM "}[src.walk >= 0])
		src.from(f, st)
		src.filters(f, st)
		st.add(" AND c.rid > ? ORDER BY c.rid LIMIT ?", f.at.rid, f.limit+1)
		return
	}
	st.add("SELECT * FROM (SELECT c.rid AS rid")
	for i, k := range f.keys {
		st.add(", "+k.expr+" AS k"+string(rune('0'+i)), k.args...)
	}
	st.add(" FROM ")
	src.from(f, st)
	src.filters(f, st)
	st.add(") q WHERE TRUE")
	st.behind(f.keys, f.at)
	st.add(" ORDER BY ")
	f.orderBy(st)
	st.add(" LIMIT ?", f.limit+1)
}

// from appends the table of candidates, under the alias c, and its own conditions.
func (src source) from(f *finder, st *statement) {
	switch {
	case src.collect >= 0:
		// "+" keeps SQLite from reading the whole parameter in the order of rid to spare the sorting of a few.
		st.add("(SELECT DISTINCT +u.rid AS rid FROM (")
		st.rids(f.preds[src.collect])
		st.add(") u) c WHERE TRUE")
	case src.walk >= 0:
		p := f.preds[src.walk].probes[0]
		st.add(p.table + " c WHERE c.tenant = $1")
		for _, t := range p.where {
			st.add(" AND c"+t.text.SQLite[1:], t.args...)
		}
	default:
		st.add("resource c WHERE c.tenant = $1 AND c.type = ? AND NOT c.deleted", f.index)
	}
}

// filters appends every predicate that the source does not already meet.
func (src source) filters(f *finder, st *statement) {
	for i, p := range f.preds {
		if i != src.walk && i != src.collect {
			st.filter(p, "c.rid")
		}
	}
}
