package store

import (
	"cmp"
	"slices"
	"sort"
)

// expectedPage holds the digests of the rows that the bodies of some resources ask for, resource by resource in the order of
// their numbers, and which of them were met in the tables.
type expectedPage struct {
	rids     []int64
	ends     []int32 // of the digests of each resource
	digests  []uint64
	met      []bool
	unlisted []bool // resources with units, values or labels that are not listed
	damaged  []bool // resources that cannot be opened: their rows are not compared
}

// take adds a resource, whose digests it sorts.
func (p *expectedPage) take(rid int64, digests []uint64, unlisted, damaged bool) {
	slices.Sort(digests)
	p.rids, p.digests = append(p.rids, rid), append(p.digests, digests...)
	p.ends, p.unlisted, p.damaged = append(p.ends, int32(len(p.digests))), append(p.unlisted, unlisted), append(p.damaged, damaged)
}

// span are the digests of resource i.
func (p *expectedPage) span(i int) (from, to int32) {
	if i > 0 {
		from = p.ends[i-1]
	}
	return from, p.ends[i]
}

func (p *expectedPage) forget() { p.met = make([]bool, len(p.digests)) }

// meet reports whether the resource asks for a row of the digest that was not met before.
func (p *expectedPage) meet(i int, digest uint64) bool {
	from, to := p.span(i)
	n, found := slices.BinarySearch(p.digests[from:to], digest)
	if !found || p.met[from+int32(n)] {
		return false
	}
	p.met[from+int32(n)] = true
	return true
}

// missing are the digests of a resource that were not met.
func (p *expectedPage) missing(i int) (out []uint64) {
	from, to := p.span(i)
	for n := from; n < to; n++ {
		if !p.met[n] {
			out = append(out, p.digests[n])
		}
	}
	return out
}

// find looks a number up in pages that are in order.
func find(pages []*expectedPage, rid int64) (p *expectedPage, i int, found bool) {
	n := sort.Search(len(pages), func(n int) bool { return pages[n].last() >= rid })
	if n == len(pages) {
		return nil, 0, false
	}
	i, found = slices.BinarySearchFunc(pages[n].rids, rid, cmp.Compare[int64])
	return pages[n], i, found
}

func (p *expectedPage) last() int64 { return p.rids[len(p.rids)-1] }
