package audit

import (
	"context"
	"hash/maphash"
	"maps"
	"slices"

	"github.com/ficushealth/ficus/engine/db"
)

// tally compares the index with the chain without keeping either: it adds up sums of what should be posted, and takes away
// those of what is. The sums are keyed anew each time, so nobody can make postings that add up to the same.
type tally struct {
	seed maphash.Seed
	left map[int64]sums
	days map[int64][2]int64 // first and last block
}

// sums are of a stretch of blocks.
type sums struct {
	sum   uint64
	count int64
}

// tallied is how many blocks share their sums.
const tallied = 64

func newTally() *tally {
	return &tally{maphash.MakeSeed(), map[int64]sums{}, map[int64][2]int64{}}
}

func (c *tally) mark(n int64, hash uint32, sign int64) {
	s := c.left[n/tallied]
	v := maphash.Comparable(c.seed, pair{hash, n})
	if s.count += sign; sign < 0 {
		v = -v
	}
	s.sum += v
	c.left[n/tallied] = s
}

// expect takes what the index should have of a block.
func (c *tally) expect(n int64, hashes []uint32, days []int64) {
	for _, h := range hashes {
		c.mark(n, h, 1)
	}
	for _, d := range days {
		span, known := c.days[d]
		if !known {
			span[0] = n
		}
		c.days[d] = [2]int64{span[0], n}
	}
}

// index compares what the walk along the chain has expected with what is posted. What is posted of blocks up to pruned does
// not count: they are gone.
func (c *check) index(ctx context.Context, t db.Tx) error {
	list, err := listRuns(ctx, t, runs.all, c.Tenant)
	if err != nil {
		return err
	}
	c.inRow(list)
	if err := c.pages(ctx, t, list); err != nil {
		return err
	}
	for _, i := range slices.Sorted(maps.Keys(c.posts.left)) {
		switch s := c.posts.left[i]; {
		case s.count > 0:
			c.add(max(1, i*tallied), Removed, "of blocks %d to %d %d postings are missing from the index: searches do not find all of their entries", i*tallied, (i+1)*tallied-1, s.count)
		case s.sum != 0:
			c.add(max(1, i*tallied), Changed, "the index of blocks %d to %d is not what their entries say: searches may not find all of them", i*tallied, (i+1)*tallied-1)
		}
	}
	return c.spans(ctx, t)
}

// inRow checks that each block has its place in one run.
func (c *check) inRow(list []run) {
	for i, r := range list {
		if first := i == 0; r.high < r.low || r.high > c.n || first && r.low > c.pruned+1 || !first && r.low != list[i-1].high+1 {
			c.add(max(1, r.low), Changed, "blocks %d to %d are not where the index should have them: searches may not find all of their entries", r.low, r.high)
		}
	}
}

// pages takes what is posted from what is expected, and checks that all pages stand where searches look for them.
func (c *check) pages(ctx context.Context, t db.Tx, list []run) error {
	at, last, wrong := 0, pair{}, map[int64]bool{}
	left := make([]int64, len(list))
	for i := range list {
		left[i] = list[i].pairs
	}
	err := t.Query(ctx, runs.allPages, []any{c.Tenant}, func(r db.Row) error {
		low, p := r.Int64(0), pageFrom(r, 1)
		for at < len(list) && list[at].low < low {
			at, last = at+1, pair{}
		}
		if at == len(list) || list[at].low != low {
			wrong[low] = true
			return nil
		}
		pairs, ok := p.pairs(nil, low)
		ok = ok && p.first.compare(last) > 0 && int64(p.first.hash) == r.Int64(1)
		for _, x := range pairs {
			ok = ok && x.n >= low && x.n <= list[at].high
			if x.n > c.pruned {
				c.posts.mark(x.n, x.hash, -1)
			}
		}
		if left[at] -= int64(len(pairs)); !ok {
			wrong[low] = true
		}
		last = pairs[len(pairs)-1]
		return nil
	})
	for i := range list {
		if left[i] != 0 {
			wrong[list[i].low] = true
		}
	}
	for _, low := range slices.Sorted(maps.Keys(wrong)) {
		c.add(max(1, low), Changed, "a part of the index that begins with block %d is not as it was written: searches may not find all entries of its blocks", low)
	}
	return err
}

// spans checks that the blocks of each day are where searches by time look for them.
func (c *check) spans(ctx context.Context, t db.Tx) error {
	err := t.Query(ctx, runs.days, []any{c.Tenant}, func(r db.Row) error {
		if span, known := c.posts.days[r.Int64(0)]; known && r.Int64(1) <= span[0] && r.Int64(2) >= span[1] {
			delete(c.posts.days, r.Int64(0))
		}
		return nil
	})
	for _, d := range slices.Sorted(maps.Keys(c.posts.days)) {
		c.add(c.posts.days[d][0], Changed, "the blocks of a day are not where searches by time look for them: %d to %d", c.posts.days[d][0], c.posts.days[d][1])
	}
	return err
}
