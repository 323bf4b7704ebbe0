package audit

import (
	"cmp"
	"maps"
	"slices"
)

// census counts the rows of one writer and tenant as Verify comes across them, in any order.
type census struct {
	top     uint64          // highest number seen
	open    []gap           // what the row of that number knew to be under way
	absent  map[uint64]bool // numbers below top without a row so far
	excused map[uint64]bool // numbers that some row gave up
}

func newCensus() *census { return &census{absent: map[uint64]bool{}, excused: map[uint64]bool{}} }

// add takes note of a row. It is false for a number that was there before.
func (c *census) add(n uint64, told []gap) (first bool) {
	for _, g := range told {
		c.excuse(g)
	}
	if n <= c.top {
		was := c.absent[n]
		delete(c.absent, n)
		return was
	}
	for k := c.top + 1; k < n; k++ {
		c.absent[k] = true
	}
	c.top, c.open = n, told
	return true
}

func (c *census) excuse(g gap) {
	for n := g.from; n < g.from+g.count && g.kind != open; n++ {
		c.excused[n] = true
	}
}

// missing lists, sorted, the numbers that have no row and no explanation.
func (c *census) missing() []uint64 {
	under := map[uint64]bool{}
	for _, g := range c.open {
		for n := g.from; n < g.from+g.count; n++ {
			under[n] = true
		}
	}
	return slices.DeleteFunc(c.unexplained(), func(n uint64) bool { return under[n] })
}

// unexplained lists, sorted, the numbers that have no row and that no row has given up.
func (c *census) unexplained() (list []uint64) {
	for _, n := range slices.SortedFunc(maps.Keys(c.absent), cmp.Compare[uint64]) {
		if !c.excused[n] {
			list = append(list, n)
		}
	}
	return list
}
