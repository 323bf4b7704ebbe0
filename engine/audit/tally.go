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

func (c *tally) mark(n, hash int64, sign int64) {
	s := c.left[n/tallied]
	v := maphash.Comparable(c.seed, [2]int64{n, hash})
	if s.count += sign; sign < 0 {
		v = -v
	}
	s.sum += v
	c.left[n/tallied] = s
}

func (c *tally) expect(p posting) {
	for _, h := range p.hashes {
		c.mark(p.n, h, 1)
	}
	for _, d := range p.days {
		span, known := c.days[d]
		if !known {
			span[0] = p.n
		}
		c.days[d] = [2]int64{span[0], p.n}
	}
}

// index compares what the walk along the chain has expected with what is posted. What is posted of blocks up to pruned does
// not count: they are gone.
func (c *check) index(ctx context.Context, t db.Tx) error {
	err := t.Query(ctx, posts.all, []any{c.Tenant}, func(r db.Row) error {
		if n := r.Int64(1); n > c.pruned {
			c.posts.mark(n, r.Int64(0), -1)
		}
		return nil
	})
	if err != nil {
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

// spans checks that the blocks of each day are where searches by time look for them.
func (c *check) spans(ctx context.Context, t db.Tx) error {
	err := t.Query(ctx, posts.days, []any{c.Tenant}, func(r db.Row) error {
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
