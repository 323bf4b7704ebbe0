package store

import "github.com/ficushealth/ficus/engine/db"

// gather finds the page of a search by one predicate if it has few rows, and
// reports whether it has: the count and the page are one statement, which reads
// no body if there are too many.
func (f *finder) gather(i int) (hits []hit, whole bool, err error) {
	st := newStatement(f.s.db.Dialect(), f.k.tenant)
	st.add("WITH u AS MATERIALIZED (SELECT u.rid AS rid FROM (")
	st.rids(f.preds[i])
	st.add(") u LIMIT ?) SELECT r.rid, r.version, r.updated, r.method, r.deleted, r.body, r.id, n.rows FROM (SELECT COUNT(*) AS rows FROM u) n", few+1)
	st.add(" LEFT JOIN (SELECT DISTINCT c.rid AS rid FROM u c WHERE (SELECT COUNT(*) FROM u) <= ?", few)
	source{walk: -1, collect: i}.filters(f, st)
	st.add(" AND c.rid > ? ORDER BY c.rid LIMIT ?) q ON TRUE LEFT JOIN resource r ON r.tenant = $1 AND r.rid = q.rid ORDER BY q.rid", f.at.rid, f.limit+1)
	err = f.from.Query(f.ctx, st.text(), st.args, func(r db.Row) error {
		whole = r.Int64(7) <= few
		if r.IsNull(0) {
			return nil
		}
		h, err := f.hit(r)
		hits = append(hits, h)
		return err
	})
	return hits, whole, err
}

// single finds the page of a search by one predicate whose parameter can be
// swept. What is one piece of the index is mostly rare, so it is gathered at once; of all later dates and
// greater numbers the first rows of the sweep mostly fill the page.
func (f *finder) single(i int) (hits []hit, whole bool, err error) {
	if f.preds[i].ranged() {
		if hits, whole, err = f.gather(i); whole || err != nil {
			return hits, whole, err
		}
	}
	hits, err = f.run(source{walk: i, collect: -1, sweep: true, first: few})
	if err != nil || len(hits) > f.limit || f.preds[i].ranged() {
		return hits, len(hits) > f.limit, err
	}
	return f.gather(i)
}
