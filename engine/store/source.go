package store

import (
	"math"

	"github.com/ficushealth/ficus/engine/db"
)

// source is where a search gets its candidates from; every other predicate is
// then asked of each. Which one it is decides how fast the search is, so it is
// decided here and not left to the database's statistics.
type source struct {
	walk    int    // predicate whose index is walked in the order of creation; -1: none
	sweep   bool   // the walk meets all rows of the predicate's parameter, and asks each for the value
	collect int    // predicate whose few matches are collected first; -1: none
	along   *key   // the order's own index is walked
	codes   []code // with along: codes whose rows are read one after the other
	rest    bool   // with along: those that have no value in that index
	dense   bool   // nothing is rare: a walk may find a page at once, or look at everything in vain
	first   int    // only so many steps of the walk; 0: all
	within  bool   // the walk ends where w says (window)
}

// candidates chooses the source without regard to the order: the rarest
// predicate, if it is rare enough to be collected; else one whose index yields
// the order of creation; else all resources of the type.
func (f *finder) candidates() (source, error) {
	positive := f.positive()
	if len(positive) == 0 {
		return source{walk: -1, collect: -1}, nil
	}
	if len(positive) == 1 && f.preds[positive[0]].walkable() {
		return source{walk: positive[0], collect: -1}, nil
	}
	return f.measured(positive)
}

// measured counts before it chooses.
func (f *finder) measured(positive []int) (source, error) {
	scarce := f.scarce()
	best, count, err := f.rarest(scarce)
	if err != nil || count < int64(scarce) {
		return source{walk: -1, collect: best}, err
	}
	return f.dense(positive), nil
}

// scarce is how many matches are put in order one by one: where an index is walked for a long page, the next pages would meet the
// same ones.
func (f *finder) scarce() int {
	if len(f.keys) == 0 {
		return few
	}
	return max(few, 4*f.limit)
}

// moment walks along the index of the order for the first steps, if something is looked for that may be rare there. full says that
// this was enough.
func (f *finder) moment(src source) (hits []hit, full bool, err error) {
	if src.along.column == "" || len(f.positive()) == 0 {
		return nil, false, nil
	}
	src.first = f.scarce()
	hits, err = f.run(src)
	return hits, len(hits) > f.limit, err
}

// fewer looks for a predicate whose matches cost less to put in order than all steps along the index of the order, each of them as
// much as some steps.
func (f *finder) fewer(cost int64) (best int, few bool, err error) {
	k := f.keys[0]
	if k.column == "" || len(f.positive()) == 0 {
		return -1, false, nil
	}
	best, count, err := f.rarest(many)
	if err != nil || count >= many {
		return -1, false, err
	}
	st := newStatement(f.s.db.Dialect(), f.k.tenant)
	st.add("SELECT ").tally(f.all(k), int(2*cost*count))
	err = f.from.Query(f.ctx, st.text(), st.args, func(r db.Row) error {
		few = r.Int64(0) >= 2*cost*count
		return nil
	})
	return best, few, err
}

// all are the rows of the index of a key.
func (f *finder) all(k key) predicate {
	if k.table == "resource" {
		return predicate{probes: []probe{{table: k.table, where: []test{f.live()}}}}
	}
	return predicate{probes: []probe{byHash(k.table, k.hash)}}
}

// dense is the source of a search whose predicates all have many matches.
func (f *finder) dense(positive []int) source {
	src := source{walk: f.walkable(positive), collect: -1, dense: true}
	if src.walk < 0 {
		src.walk = f.sweepable(positive)
		src.sweep = src.walk >= 0
	}
	return src
}

// positive lists the predicates that find something by themselves.
func (f *finder) positive() (out []int) {
	for i, p := range f.preds {
		if p.positive() {
			out = append(out, i)
		}
	}
	return out
}

func (f *finder) walkable(list []int) int {
	for _, i := range list {
		if f.preds[i].walkable() {
			return i
		}
	}
	return -1
}

func (f *finder) sweepable(list []int) int {
	for _, i := range list {
		if f.preds[i].sweepable() {
			return i
		}
	}
	return -1
}

// patient takes a dense source, where a walk would be in vain for long, for one
// that looks at no more than the matches of one predicate, if these are not too many.
func (f *finder) patient(src source) (source, error) {
	best, count, err := f.rarest(many)
	if err != nil || count < many {
		return source{walk: -1, collect: best}, err
	}
	return src, nil
}

// rarest is the predicate with the fewest rows, as far as they are counted.
func (f *finder) rarest(limit int) (predicate int, count int64, err error) {
	positive := f.positive()
	counts, err := f.probeCounts(positive, limit)
	if err != nil {
		return -1, 0, err
	}
	best := 0
	for i := range counts {
		if counts[i] < counts[best] {
			best = i
		}
	}
	return positive[best], counts[best], nil
}

// probeCounts counts the rows of each predicate, up to a limit, in one round trip.
func (f *finder) probeCounts(list []int, limit int) ([]int64, error) {
	st := newStatement(f.s.db.Dialect(), f.k.tenant)
	for i, p := range list {
		st.add(map[bool]string{true: "SELECT ", false: ", "}[i == 0])
		st.tally(f.preds[p], limit)
	}
	counts := make([]int64, len(list))
	err := f.from.Query(f.ctx, st.text(), st.args, func(r db.Row) error {
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
	if err != nil || len(f.keys) == 0 || src.collect >= 0 {
		return src, err
	}
	if len(f.keys) > 1 || f.keys[0].table == "" { // all are looked at in any case
		if src.dense {
			src, err = f.patient(src)
		}
		return src, err
	}
	if src.walk >= 0 && !src.dense { // the only predicate, which nobody has counted
		if src, err = f.measured(f.positive()); err != nil || src.collect >= 0 {
			return src, err
		}
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
	case src.along.far != nil && src.rest:
		src.withoutFar(f, st, *src.along, limit)
	case src.along.far != nil:
		src.alongFar(f, st, *src.along)
	case src.along.coded() && src.rest:
		src.withoutCode(f, st, *src.along, limit)
	case src.along.coded():
		src.alongCodes(f, st, *src.along)
	case src.along.table == "ix_ref" && src.rest:
		src.withoutReference(f, st, *src.along, limit)
	case src.along.table == "ix_ref":
		src.alongReference(f, st, *src.along)
	case src.rest:
		src.withoutValue(f, st, *src.along, limit)
	default:
		src.withValue(f, st, *src.along)
	}
}

// sorted takes all that meet the query, puts them in order and cuts the page out.
func (src source) sorted(f *finder, st *statement) {
	if parts := src.split(f); parts != nil && len(f.keys) == 0 {
		src.merged(f, st, parts)
		return
	}
	src = src.unsplit(f)
	if len(f.keys) == 0 {
		st.add(src.selects() + " FROM ")
		src.from(f, st)
		src.filters(f, st)
		st.add(" AND c.rid > ? ORDER BY c.rid LIMIT ?", f.at.rid, f.limit+1)
		return
	}
	st.add("SELECT * FROM (" + src.selects() + " AS rid")
	for i, k := range f.keys {
		st.add(", "+k.expr+" AS k"+string(rune('0'+i)), k.args...)
	}
	st.add(" FROM ")
	src.from(f.anew(), st)
	src.filters(f, st)
	st.add(") q WHERE TRUE")
	st.behind(f.keys, f.at)
	st.add(" ORDER BY ")
	f.orderBy(st)
	st.add(" LIMIT ?", f.limit+1)
}

// selects begins a query for the candidates. One code may be there under two
// systems; its rows are neighbours in the index, so DISTINCT costs nothing on a walk.
func (src source) selects() string {
	if src.walk >= 0 {
		return "SELECT DISTINCT c.rid"
	}
	return "SELECT c.rid"
}

// from appends the table of candidates, under the alias c, and its own conditions.
func (src source) from(f *finder, st *statement) {
	switch {
	case src.collect >= 0:
		// "+" keeps SQLite from reading the whole parameter in the order of rid to spare the sorting of a few.
		st.add("(SELECT DISTINCT +u.rid AS rid FROM (")
		st.rids(f.preds[src.collect])
		st.add(") u) c WHERE TRUE")
	case st.dialect == db.Postgres && (src.sweep || src.first > 0):
		src.fenced(f, st)
	default:
		src.table(f, st)
		src.bound(f, st)
	}
	if src.sweep {
		st.swept(f.preds[src.walk], "c")
	}
}

// fenced keeps PostgreSQL from another order than that of the walk. It hands rows on one by one, so the walk ends with the page.
func (src source) fenced(f *finder, st *statement) {
	st.add("(SELECT c.* FROM ")
	src.table(f, st)
	st.add(" AND c.rid > ? ORDER BY c.rid OFFSET 0", f.at.rid)
	if src.first > 0 {
		st.add(" LIMIT ?", src.first)
	}
	st.add(") c WHERE TRUE")
}

// bound ends a walk of SQLite after the first steps. A subquery with a limit would be read to its end.
func (src source) bound(f *finder, st *statement) {
	if src.first == 0 {
		return
	}
	st.add(" AND c.rid <= COALESCE((SELECT c.rid FROM ")
	src.table(f, st)
	st.add(" AND c.rid > ? ORDER BY c.rid LIMIT 1 OFFSET ?), ?)", f.at.rid, src.first, int64(math.MaxInt64))
}

// table appends what is walked: the index of a predicate, or all resources of the type.
func (src source) table(f *finder, st *statement) {
	if src.walk < 0 {
		st.add("resource c WHERE c.tenant = $1 AND c.type = ? AND NOT c.deleted", f.index)
		return
	}
	p := f.preds[src.walk].probes[0]
	st.add(p.table + " c")
	tests := p.where
	if src.sweep {
		tests = tests[:1] // the hash
		if st.dialect == db.SQLite {
			st.add(" INDEXED BY " + p.table + "_rid")
		}
	}
	st.add(" WHERE c.tenant = $1").tests(tests, "c")
	if src.within {
		st.add(" AND c.rid <= (SELECT w.rid FROM w)")
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
