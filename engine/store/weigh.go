package store

import (
	"cmp"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/ficushealth/ficus/engine/db"
)

// maxWeighed is how many bodies may be opened where what is read is kept.
const maxWeighed = 10_000

// weighs reports whether a key of the order is read from bodies, or the words of what is ordered.
func (f *finder) weighs() bool {
	return len(f.keys) > 0 && len(f.words) > 0 || slices.ContainsFunc(f.keys, func(k key) bool { return k.expr == "" })
}

// weighed is a match with the keys of its place in the order, its body still sealed.
type weighed struct {
	hit
	sealed []byte
}

// weigh puts all matches in order by what their bodies say, and cuts the page out. No more than what may be on the page is kept.
// Faults: TooCostly where there is no time for it.
func (f *finder) weigh() ([]hit, error) {
	if len(f.keys) == 1 && f.keys[0].coded() && len(f.words) == 0 {
		if large, err := f.large(); err != nil || large {
			return f.codes(err)
		}
	}
	return f.weighAllOf()
}

// weighAllOf opens all that matches.
func (f *finder) weighAllOf() ([]hit, error) {
	s, err := f.sift(0)
	if err != nil {
		return nil, err
	}
	var first []weighed
	err = f.weighAll(s, func(list []weighed) {
		if first = append(first, list...); len(first) > 2*(f.limit+readings) {
			first = f.foremost(first)
		}
	})
	if err != nil {
		return nil, err
	}
	return f.weighedHits(f.foremost(first))
}

// codes reads a large result code by code.
func (f *finder) codes(err error) ([]hit, error) {
	if err != nil {
		return nil, err
	}
	if f.keys[0].list != 0 {
		hits, err := f.listedCodes()
		if errors.Is(err, errAlike) {
			return f.weighAllOf()
		}
		return hits, err
	}
	return f.run(source{walk: -1, collect: -1, along: &f.keys[0], codes: f.keys[0].closed})
}

// coded reports whether the codes that a key can have are known.
func (k key) coded() bool { return k.closed != nil || k.list != 0 }

// large reports whether there are too many matches to read them all for one page.
func (f *finder) large() (bool, error) {
	if len(f.positive()) == 0 {
		return true, nil
	}
	scarce := f.scarce()
	_, count, err := f.rarest(scarce)
	return count >= int64(scarce), err
}

// foremost are the next ones behind the cursor, one more than the page holds.
func (f *finder) foremost(list []weighed) []weighed {
	slices.SortFunc(list, func(a, b weighed) int { return f.compare(a.keys, a.RID, b.keys, b.RID) })
	n := min(len(list), f.limit+1)
	clear(list[n:])
	return list[:n]
}

// weighAll hands on all matches behind the cursor that have the words, with their keys.
func (f *finder) weighAll(s *sifting, take func([]weighed)) error {
	for patience := f.patience(); ; {
		list, err := s.next()
		if err == nil {
			list, err = f.spoken(list)
		}
		if err == nil {
			err = f.fill(list)
		}
		if err != nil {
			return err
		}
		take(slices.DeleteFunc(list, f.passed))
		if !s.more() {
			return nil
		}
		if f.over(patience.end) {
			return f.late()
		}
	}
}

// fill reads the keys that no index has.
func (f *finder) fill(list []weighed) error {
	for i, k := range f.keys {
		if k.expr != "" {
			continue
		}
		if err := f.read(list, i, k); err != nil {
			return err
		}
	}
	return nil
}

// passed is true of what does not stand behind the cursor, or is of another group than the one that is looked at.
func (f *finder) passed(w weighed) bool {
	if f.only != nil && compareKeys(w.keys[0], f.only) != 0 {
		return true
	}
	return f.at.rid != 0 && f.compare(w.keys, w.RID, f.at.keys, f.at.rid) <= 0
}

// weighedCount counts the matches by their bodies.
func (f *finder) weighedCount() (n int64, err error) {
	s, err := f.sift(0)
	if err != nil {
		return 0, err
	}
	all := f.anew()
	all.keys, s.f = nil, all
	err = all.weighAll(s, func(list []weighed) { n += int64(len(list)) })
	return n, err
}

func (f *finder) weighedRow(r db.Row) weighed {
	v := Version{Type: f.typ, RID: r.Int64(0), Number: r.Int64(1), Updated: time.UnixMicro(r.Int64(2)).UTC(), Method: Method(r.Int32(3)), ID: r.Text(4)}
	w := weighed{hit{v, make([]any, len(f.keys))}, r.Bytes(5)}
	column := 6
	for i, k := range f.keys {
		if k.expr != "" {
			w.keys[i] = readColumn(r, column, k.last)
			column++
		}
	}
	return w
}

// read fills one key of all matches from their bodies, or from those that they refer to.
func (f *finder) read(all []weighed, i int, k key) error {
	if len(k.via) > 0 {
		return f.readAfar(all, i, k)
	}
	errs, todo := make([]error, len(all)), make([]func(), len(all))
	for n := range all {
		w := &all[n]
		todo[n] = func() { w.keys[i], errs[n] = f.token(k, w.RID, w.Number, w.sealed) }
	}
	run(todo)
	return first(nil, errs)
}

// token is the key of one resource.
func (f *finder) token(k key, rid, version int64, sealed []byte) (any, error) {
	plain, err := f.k.open(rid, version, sealed)
	if err != nil {
		return nil, err
	}
	return f.codeOf(k, plain)
}

// codeOf is the key that a body has.
func (f *finder) codeOf(k key, plain []byte) (any, error) {
	r, err := stored(plain)
	if err != nil {
		return nil, err
	}
	if r.Type() != k.typ {
		return k.last, nil
	}
	value, ok, err := f.own.now.OrderToken(r, k.code, k.desc)
	if !ok {
		return k.last, err
	}
	return value, err
}

// compare orders two places; missing values come last both ways.
func (f *finder) compare(a []any, ridA int64, b []any, ridB int64) int {
	for i, k := range f.keys {
		c := compareKeys(a[i], b[i])
		if k.desc {
			c = -c
		}
		if c != 0 {
			return c
		}
	}
	return cmp.Compare(ridA, ridB)
}

func compareKeys(a, b any) int {
	switch a := a.(type) {
	case int64:
		return cmp.Compare(a, b.(int64))
	case float64:
		return cmp.Compare(a, b.(float64))
	}
	return strings.Compare(a.(string), b.(string))
}

// weighedHits opens the bodies of the page.
func (f *finder) weighedHits(page []weighed) (out []hit, err error) {
	for _, w := range page {
		if w.Body == nil {
			w.Body, err = f.k.open(w.RID, w.Number, w.sealed)
		}
		if err != nil {
			return nil, err
		}
		out = append(out, w.hit)
	}
	return out, nil
}

func (f *finder) columns(n int) []int32 { return slices.Repeat([]int32{f.k.tenant}, n) }

// mostEnds is how many resources the references of several matches may lead to at a time.
const mostEnds = 20_000

// readAfar fills one key from the resources at the end of a way of references: of all matches at once, or of each half if they
// lead to too many.
func (f *finder) readAfar(all []weighed, i int, k key) error {
	ends, err := f.ends(all, k)
	if half := len(all) / 2; errors.As(err, new(manyEnds)) {
		return first(f.readAfar(all[:half], i, k), []error{f.readAfar(all[half:], i, k)})
	}
	if err != nil {
		return err
	}
	values, err := f.tokens(ends, k)
	if err != nil {
		return err
	}
	for n := range all {
		all[n].keys[i] = k.last
		for _, rid := range ends[n] {
			v, c := values[rid], 0
			if c = compareKeys(v, all[n].keys[i]); k.desc {
				c = -c
			}
			if c < 0 {
				all[n].keys[i] = v
			}
		}
	}
	return nil
}

var followSQL = db.Text{
	SQLite: `SELECT $4, target FROM ix_ref WHERE tenant = $1 AND hash = $2 AND rid = $3`,
	Postgres: `SELECT q.n - 1, x.target FROM unnest($1::int4[], $2::int8[], $3::int8[]) WITH ORDINALITY AS q(tenant, hash, rid, n)
		JOIN ix_ref x ON x.tenant = q.tenant AND x.hash = q.hash AND x.rid = q.rid`,
}

// end is a resource to which a match leads, by however many ways.
type end struct {
	match int
	rid   int64
}

// ends follows the references of each match, hop by hop.
func (f *finder) ends(all []weighed, k key) ([][]int64, error) {
	at := make([][]int64, len(all))
	for i, w := range all {
		at[i] = []int64{w.RID}
	}
	for _, hash := range k.via {
		var from []int
		var rids []int64
		for i, list := range at {
			for _, rid := range list {
				from, rids = append(from, i), append(rids, rid)
			}
		}
		at = make([][]int64, len(all))
		seen := map[end]struct{}{}
		err := f.from.EachQuery(f.ctx, followSQL, func(r db.Row) error {
			e := end{from[r.Int64(0)], r.Int64(1)}
			if _, twice := seen[e]; twice {
				return nil
			}
			seen[e], at[e.match] = struct{}{}, append(at[e.match], e.rid)
			if len(seen) > mostEnds && len(all) > 1 {
				return manyEnds{}
			}
			return nil
		}, f.columns(len(rids)), slices.Repeat([]int64{hash}, len(rids)), rids)
		if err != nil {
			return nil, err
		}
	}
	return at, nil
}

// manyEnds is said where the references of several matches lead to more than mostEnds resources.
type manyEnds struct{}

func (manyEnds) Error() string { return "too many resources to read at a time" }

// tokens reads the key of each resource at an end, once.
func (f *finder) tokens(ends [][]int64, k key) (map[int64]any, error) {
	rids := slices.Concat(ends...)
	slices.Sort(rids)
	rids = slices.Compact(rids)
	values := make(map[int64]any, len(rids))
	err := f.from.EachQuery(f.ctx, byRIDSQL, func(r db.Row) (err error) {
		rid := r.Int64(1)
		values[rid] = k.last
		if sealed := r.BytesNoCopy(6); len(sealed) > 0 && !r.Bool(5) {
			values[rid], err = f.token(k, rid, r.Int64(2), sealed)
		}
		return err
	}, f.columns(len(rids)), rids)
	return values, err
}

var byRIDSQL = db.Text{
	SQLite: `SELECT $3, rid, version, updated, method, deleted, body, id, type FROM resource WHERE tenant = $1 AND rid = $2`,
	Postgres: `SELECT q.n - 1, r.rid, r.version, r.updated, r.method, r.deleted, r.body, r.id, r.type
		FROM unnest($1::int4[], $2::int8[]) WITH ORDINALITY AS q(tenant, rid, n)
		JOIN resource r ON r.tenant = q.tenant AND r.rid = q.rid`,
}
