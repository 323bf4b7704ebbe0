package store

import (
	"math"
	"slices"
	"strings"

	"github.com/ficushealth/ficus/engine/db"
	"github.com/ficushealth/ficus/fault"
)

// A large result in the order of a token parameter is read code by code. Rows of codes have no order, so their texts must be
// known: all that a closed list has, or all that resources have, which are listed in ix_value (index.Listed).

// code is one that resources may have.
type code struct {
	text string // its place in the order
	key  int64  // of its rows
}

// alongCodes reads, code by code in their order, the resources that have it.
func (src source) alongCodes(f *finder, st *statement, k key) {
	st.add("SELECT rid, k0 FROM (")
	begun := false
	for _, c := range src.codes {
		behind := f.at.rid == 0 || k.compare(c.text, f.at.keys[0].(string)) >= 0
		if !behind {
			continue
		}
		if begun {
			st.add(" UNION ALL ")
		}
		begun = true
		st.add("SELECT * FROM (SELECT c.rid AS rid, ")
		st.typed(c.text)
		st.add(" AS k0 FROM ix_token c WHERE c.tenant = $1 AND c.hash = ?", c.key).halves("c", []any{c.key})
		src.filters(f, st)
		if f.at.rid != 0 && f.at.keys[0] == c.text {
			st.add(" AND c.rid > ?", f.at.rid)
		}
		st.add(" ORDER BY c.rid LIMIT ?) "+st.alias("w"), f.limit+1)
	}
	if !begun { // the cursor stands among those without a code
		st.add("SELECT c.rid AS rid, ")
		st.typed(k.last)
		st.add(" AS k0 FROM resource c WHERE c.tenant = $1 AND c.rid < 0")
	}
	st.add(") w ORDER BY k0"+k.direction()+", rid LIMIT ?", f.limit+1)
}

func (k key) compare(a, b string) int {
	if k.desc {
		return strings.Compare(b, a)
	}
	return strings.Compare(a, b)
}

func (src source) withoutCode(f *finder, st *statement, k key, limit int) {
	st.add("SELECT c.rid AS rid, ")
	st.typed(k.last)
	st.add(" AS k0 FROM resource c WHERE c.tenant = $1 AND c.type = ? AND NOT c.deleted", f.index)
	if k.list != 0 {
		st.codeless(k)
	} else {
		hashes := make([]any, len(k.closed))
		for i, c := range k.closed {
			hashes[i] = c.key
		}
		st.add(" AND (SELECT 1").probe(probe{table: "ix_token", where: []test{hashed(hashes...)}}).add(" AND x.rid = c.rid LIMIT 1) IS NULL")
	}
	src.filters(f, st)
	if f.at.rid != 0 && f.at.keys[0] == k.last {
		st.add(" AND c.rid > ?", f.at.rid)
	}
	st.add(" ORDER BY c.rid LIMIT ?", limit)
}

// codeless matches what has no value under a listed parameter, or one without a code.
func (s *statement) codeless(k key) {
	within := map[db.Dialect]string{db.SQLite: "instr", db.Postgres: "strpos"}[s.dialect]
	s.add(" AND ("+within+"(c.present, ?) = 0 OR (SELECT 1", k.mark)
	s.probe(probe{table: "ix_token", where: []test{hashed(k.none)}}).add(" AND x.rid = c.rid LIMIT 1) IS NOT NULL)")
}

// codeWalk is a walk along the codes that are listed. What has several codes stands under each of them, so its body tells which
// one counts.
type codeWalk struct {
	finder      // at: how far it is, limit: of the next portion
	least  int  // resources of a portion
	span   int  // codes that are asked for at a time
	whole  bool // there are no more
}

const mostCodes = 64 // that one statement asks for

// listedCodes reads until the page is full, or half the time has passed.
func (f *finder) listedCodes() (out []hit, err error) {
	w := &codeWalk{finder: *f, span: 1}
	for patience := f.patience(); !w.whole; {
		w.limit = max(f.limit-len(out), w.least)
		some, err := w.next()
		if err != nil {
			return nil, err
		}
		if out = append(out, some...); len(out) > f.limit {
			return out[:f.limit+1], nil
		}
		switch {
		case w.whole:
		case f.pauses && f.over(patience.half):
			f.paused = w.at
			return out, nil
		case f.over(patience.end):
			return nil, f.late()
		}
	}
	rest, err := f.hits(source{walk: -1, collect: -1, along: &f.keys[0], rest: true}, f.limit+1-len(out))
	return append(out, rest...), err
}

// next reads a portion: the next resources that have one of the next codes.
func (w *codeWalk) next() ([]hit, error) {
	codes, last, err := w.codes()
	if err != nil || len(codes) == 0 {
		w.whole = true
		return nil, err
	}
	found, err := w.hits(source{walk: -1, collect: -1, along: &w.keys[0], codes: codes}, w.limit+1)
	if err != nil {
		return nil, err
	}
	counting, err := w.counting(found)
	w.move(codes, last, found, len(counting))
	return counting, err
}

// move goes on behind a portion. Where it brought little the next one is greater.
func (w *codeWalk) move(codes []code, last bool, found []hit, counting int) {
	if n := len(found); n > w.limit {
		w.at = position{found[n-1].RID, found[n-1].keys}
		if 2*counting < n {
			w.least = min(4*n, readings)
		}
		return
	}
	w.at = position{math.MaxInt64, []any{codes[len(codes)-1].text}}
	w.whole = last
	w.span = min(8*w.span, mostCodes)
}

// codes are the next ones of the list, with that of the cursor; last says that no more follow. Long codes may have one text in the
// list (0010), and their resources are ordered together, so all of these are there or none.
func (w *codeWalk) codes() (out []code, last bool, err error) {
	for n := w.span; ; n *= 2 {
		if out, err = w.listed(n + 1); err != nil || len(out) <= n {
			return out, true, err
		}
		next := out[n].text
		out = slices.DeleteFunc(out, func(c code) bool { return c.text == next })
		if len(out) > 0 {
			return out, false, nil
		}
		if n > mostAlike {
			return nil, false, errAlike
		}
	}
}

// mostAlike is how many codes may have one text in their list. More of them are made on purpose.
const mostAlike = 100

// errAlike says that an order cannot go through the list of codes.
var errAlike = fault.New(fault.TooCostly, "too many codes are alike in their first 256 bytes and in the sum of the rest")

// listed are n codes of the list, from the cursor on.
func (w *codeWalk) listed(n int) (out []code, err error) {
	k := w.keys[0]
	st := newStatement(w.s.db.Dialect(), w.k.tenant)
	st.add("SELECT v.value, v.key FROM ix_value v WHERE v.tenant = $1 AND v.hash = ?", k.list)
	if w.at.rid != 0 {
		op := map[bool]string{false: " >", true: " <"}[k.desc]
		if w.at.rid < math.MaxInt64 {
			op += "="
		}
		st.add(" AND v.value"+op+" ?", w.at.keys[0])
	}
	st.add(" ORDER BY v.value"+k.direction()+" LIMIT ?", n)
	err = w.from.Query(w.ctx, st.text(), st.args, func(r db.Row) error {
		out = append(out, code{r.Text(0), r.Int64(1)})
		return nil
	})
	return out, err
}

// counting are those that stand under the code that counts, each once: one code of several systems has several rows.
func (w *codeWalk) counting(found []hit) ([]hit, error) {
	errs, counts, todo := make([]error, len(found)), make([]bool, len(found)), make([]func(), len(found))
	for i, h := range found {
		todo[i] = func() {
			text, err := w.codeOf(w.keys[0], h.Body)
			counts[i], errs[i] = text == h.keys[0] && (i == 0 || found[i-1].RID != h.RID), err
		}
	}
	run(todo)
	var out []hit
	for i, h := range found {
		if counts[i] {
			out = append(out, h)
		}
	}
	return out, first(nil, errs)
}
