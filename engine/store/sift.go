package store

import (
	"cmp"
	"slices"
	"time"

	"github.com/ficushealth/ficus/engine/db"
	"github.com/ficushealth/ficus/fault"
)

// What no index knows is read from bodies: words, and orders by identifiers or by several tokens. All that matches besides is gone through in the
// order of creation, opened on all processors a portion at a time, for as long as the request has time.

const (
	readings      = 500    // bodies that are opened at a time
	firstReadings = 64     // at first, where a page may be full soon
	mostNumbered  = 64_000 // matches whose numbers are looked up at a time
)

// patience is how long a search may read.
type patience struct{ half, end time.Time } // zero: for ever

// patienceOf is nearly all the time of a request, so that there is some left to say that it was not enough.
func (f *finder) patience() patience {
	end, limited := f.ctx.Deadline()
	if !limited {
		return patience{}
	}
	left := end.Sub(f.s.now())
	return patience{half: end.Add(-left / 2), end: end.Add(-left / 20)}
}

func (f *finder) over(t time.Time) bool { return !t.IsZero() && f.s.now().After(t) }

// sifting goes through what matches.
type sifting struct {
	f     *finder
	src   source
	after int64 // the last resource that was looked at
	size  int   // numbers to look up next
	rids  []int64
	whole bool // rids are the last ones
	open  int  // bodies to open next
}

func (f *finder) sift(after int64) (*sifting, error) {
	src, err := f.candidates()
	if err == nil && src.dense {
		src, err = f.patient(src)
	}
	return &sifting{f: f, src: src, after: after, size: readings, open: readings}, err
}

// next are the next matches; none: there are no more.
func (s *sifting) next() ([]weighed, error) {
	for {
		if len(s.rids) == 0 && !s.whole {
			if err := s.number(); err != nil {
				return nil, err
			}
		}
		if len(s.rids) == 0 {
			return nil, nil
		}
		n := min(s.open, len(s.rids))
		s.open = min(4*s.open, readings)
		list, err := s.f.matches(s.rids[:n])
		s.after, s.rids = s.rids[n-1], s.rids[n:]
		if err != nil || len(list) > 0 {
			return list, err
		}
	}
}

// more reports whether there may be more.
func (s *sifting) more() bool { return len(s.rids) > 0 || !s.whole }

// number looks up the numbers of the next matches, each time more of them: the first portion may be enough.
func (s *sifting) number() error {
	walk := *s.f
	walk.keys, walk.at, walk.limit = nil, position{rid: s.after}, s.size-1
	st := newStatement(s.f.s.db.Dialect(), s.f.k.tenant)
	st.add("SELECT c.rid FROM (")
	s.src.sorted(&walk, st)
	st.add(") c ORDER BY c.rid")
	s.rids = s.rids[:0]
	err := s.f.from.Query(s.f.ctx, st.text(), st.args, func(r db.Row) error {
		s.rids = append(s.rids, r.Int64(0))
		return nil
	})
	s.whole = len(s.rids) < s.size
	s.size = min(4*s.size, mostNumbered)
	return err
}

// matches are those of some resources that match now, in the order of creation, with the keys that SQL can tell.
func (f *finder) matches(rids []int64) (all []weighed, err error) {
	st := f.opening(rids)
	err = f.from.Query(f.ctx, st.text(), st.args, func(r db.Row) error {
		all = append(all, f.weighedRow(r))
		return nil
	})
	slices.SortFunc(all, func(a, b weighed) int { return cmp.Compare(a.RID, b.RID) })
	return all, err
}

// opening reads some resources, in no order.
func (f *finder) opening(rids []int64) *statement {
	st := newStatement(f.from.Dialect(), f.k.tenant)
	st.add("SELECT c.rid, c.version, c.updated, c.method, c.id, c.body")
	for _, k := range f.keys {
		if k.expr != "" {
			st.add(", "+k.expr, k.args...)
		}
	}
	st.numbered(rids).add(" WHERE c.type = ? AND NOT c.deleted", f.index)
	source{walk: -1, collect: -1}.filters(f, st)
	return st
}

// numbered adds the resources c under some numbers, each looked up by its own: of a list and an order PostgreSQL would make a walk
// through all that the tenant has, or all of a type.
func (s *statement) numbered(rids []int64) *statement {
	if s.dialect == db.Postgres {
		return s.add(" FROM unnest(CAST(? AS bigint[])) n(rid) CROSS JOIN LATERAL (SELECT * FROM resource r WHERE r.tenant = $1 AND r.rid = n.rid OFFSET 0) c", rids)
	}
	return s.add(" FROM (SELECT * FROM resource r WHERE r.tenant = $1 AND r.rid IN (SELECT value FROM json_each(?))) c", rids)
}

// late is said where there was no time to read all that matches.
func (f *finder) late() error {
	what, by := "put these in order", "_sort"
	if len(f.words) > 0 {
		what, by = "look for these words", f.worded()
	}
	return fault.At(fault.TooCostly, fault.Issue{Code: "too-costly", Expression: "http." + by,
		Text: "so many resources would have to be read to " + what + " that there is no time for it; narrow the search by other parameters"})
}
