package audit

import (
	"cmp"
	"slices"

	"github.com/ficushealth/ficus/engine/db"
)

// span is from which block to which there may be entries of the time that is asked for.
func (s *seeker) span() (low, high int64, err error) {
	if s.q.From.IsZero() && s.q.To.IsZero() {
		return s.low, s.head, nil
	}
	from, to := s.q.bounds()
	low, high = s.upto+1, s.head // these may have any
	err = s.t.Query(s.ctx, runs.span, []any{s.tenant, dayOf(from), dayOf(to)}, func(r db.Row) error {
		switch {
		case r.IsNull(0):
		case s.head > s.upto:
			low = r.Int64(0)
		default:
			low, high = r.Int64(0), r.Int64(1)
		}
		return nil
	})
	return max(low, s.low), high, err
}

const (
	candidatePage = 500
	blocksAtOnce  = 8 // unpacked one after the other, so this bounds what is packed
	runsAtOnce    = 64
)

// candidate is a block that may have what is asked for, and the run that says so.
type candidate struct {
	n int64
	run
}

// candidates are the next blocks at or below n that may have what is asked for, the newest first, and where to go on.
func (s *seeker) candidates(terms [][]uint32, n, low int64) (list []int64, next int64, err error) {
	if len(terms) == 0 || n > s.upto {
		if len(terms) > 0 {
			low = max(low, s.upto+1)
		}
		for next = n; next >= low && len(list) < blocksAtOnce; next-- {
			list = append(list, next)
		}
		return list, next, nil
	}
	some, err := listRuns(s.ctx, s.t, runs.below, s.tenant, n, low, runsAtOnce)
	if err != nil || len(some) == 0 {
		return nil, low - 1, err
	}
	if next = low - 1; len(some) == runsAtOnce {
		next = some[runsAtOnce-1].low - 1
	}
	found, err := s.underAny(terms[0], some, n, low)
	if len(found) >= candidatePage {
		found = found[:candidatePage]
		next = found[candidatePage-1].n - 1
	}
	s.posted += len(found) + len(some)
	for _, any := range terms[1:] {
		if err == nil {
			found, err = s.having(found, any)
		}
	}
	for _, c := range found {
		list = append(list, c.n)
	}
	return list, next, err
}

// underAny are blocks from n down to low that runs have under one of some hashes: all of them, or candidatePage at least.
func (s *seeker) underAny(hashes []uint32, some []run, n, low int64) (found []candidate, err error) {
	for _, h := range hashes {
		own, err := s.under(h, some, n, low)
		if err != nil {
			return nil, err
		}
		found = append(found, own...)
	}
	if len(hashes) > 1 {
		slices.SortFunc(found, func(a, b candidate) int { return cmp.Compare(b.n, a.n) })
		found = slices.Compact(found)
	}
	return found, nil
}

// under are blocks from n down to low that runs have under a hash: all of them, or candidatePage at least.
func (s *seeker) under(hash uint32, some []run, n, low int64) (found []candidate, err error) {
	at := make([]candidate, len(some))
	for i, r := range some {
		at[i] = candidate{n, r}
	}
	last, err := s.pages(hash, at)
	for i := range some {
		if err == nil && last[i] != nil && len(found) < candidatePage {
			found, err = s.back(found, hash, at[i], last[i], low)
		}
	}
	return found, err
}

// back adds the blocks of a run under a hash, from a page on backwards.
func (s *seeker) back(found []candidate, hash uint32, at candidate, p *page, low int64) ([]candidate, error) {
	for p != nil {
		pairs, ok := p.pairs(nil, at.low)
		if !ok {
			return nil, noIndex(at.run)
		}
		for _, x := range slices.Backward(pairs) {
			if x.hash == hash && x.n <= at.n && x.n >= low {
				found = append(found, candidate{x.n, at.run})
			}
		}
		if p.first.hash != hash || p.first.n <= low || len(found) >= candidatePage {
			return found, nil
		}
		at.n = p.first.n - 1
		before, err := s.pages(hash, []candidate{at})
		if err != nil {
			return nil, err
		}
		p = before[0]
	}
	return found, nil
}

// pages are those of the runs that have the hash and the block if any has; nil: none has.
func (s *seeker) pages(hash uint32, at []candidate) (list []*page, err error) {
	list = make([]*page, len(at))
	low, n := make([]int64, len(at)), make([]int64, len(at))
	for i, c := range at {
		low[i], n[i] = c.low, c.n
	}
	err = s.t.EachQuery(s.ctx, runs.last, func(r db.Row) error {
		p := pageFrom(r, 1)
		list[r.Int64(0)] = &p
		return nil
	}, repeat(s.tenant, len(at)), low, repeat(int64(hash), len(at)), n)
	return list, err
}

// having are the candidates that have one of some hashes too.
func (s *seeker) having(list []candidate, hashes []uint32) (both []candidate, err error) {
	has := make([]bool, len(list))
	for _, h := range hashes {
		if err := s.mark(has, list, h); err != nil {
			return nil, err
		}
	}
	for i, c := range list {
		if has[i] {
			both = append(both, c)
		}
	}
	return both, nil
}

// mark notes which candidates have a hash.
func (s *seeker) mark(has []bool, list []candidate, hash uint32) error {
	last, err := s.pages(hash, list)
	for i, c := range list {
		if err != nil || last[i] == nil {
			continue
		}
		pairs, ok := last[i].pairs(nil, c.low)
		if !ok {
			return noIndex(c.run)
		}
		if _, found := slices.BinarySearchFunc(pairs, pair{hash, c.n}, pair.compare); found {
			has[i] = true
		}
	}
	return err
}
