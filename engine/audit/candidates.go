package audit

import (
	"github.com/ficushealth/ficus/engine/db"
)

// span is from which block to which there may be entries of the time that is asked for.
func (s *seeker) span() (low, high int64, err error) {
	if s.q.From.IsZero() && s.q.To.IsZero() || s.behind.upto > 0 {
		return s.low, s.head, nil
	}
	from, to := s.q.bounds()
	err = s.t.Query(s.ctx, posts.span, []any{s.tenant, dayOf(from), dayOf(to)}, func(r db.Row) error {
		if low, high = 1, 0; !r.IsNull(0) {
			low, high = max(s.low, r.Int64(0)), r.Int64(1)
		}
		return nil
	})
	return low, high, err
}

const (
	candidatePage = 500
	blocksAtOnce  = 8 // unpacked one after the other, so this bounds what is packed
)

// candidates are the next blocks at or below n that may have what is asked for, the newest first, and where to go on.
func (s *seeker) candidates(terms []int64, n, low int64) (list []int64, next int64, err error) {
	if s.behind.holds(n) {
		low = max(low, s.behind.done+1)
	} else if n > s.behind.upto {
		low = max(low, s.behind.upto+1)
	}
	if len(terms) == 0 || s.behind.holds(n) {
		for next = n; next >= low && len(list) < blocksAtOnce; next-- {
			list = append(list, next)
		}
		return list, next, nil
	}
	err = s.t.Query(s.ctx, posts.below, []any{s.tenant, terms[0], n + 1, low, candidatePage}, func(r db.Row) error {
		list = append(list, r.Int64(0))
		return nil
	})
	next = low - 1
	if len(list) == candidatePage {
		next = list[candidatePage-1] - 1
	}
	s.posted += len(list)
	for _, h := range terms[1:] {
		if err == nil {
			list, err = s.having(list, h)
		}
	}
	return list, next, err
}

// having are the blocks that are posted under a hash too.
func (s *seeker) having(list []int64, hash int64) (both []int64, err error) {
	has := make([]bool, len(list))
	err = s.t.EachQuery(s.ctx, posts.has, func(r db.Row) error {
		has[r.Int64(0)] = true
		return nil
	}, repeat(s.tenant, len(list)), repeat(hash, len(list)), list)
	for i, n := range list {
		if has[i] {
			both = append(both, n)
		}
	}
	return both, err
}
