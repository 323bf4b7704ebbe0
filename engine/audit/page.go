package audit

import (
	"cmp"
	"encoding/binary"
	"slices"
)

// pair says that block n has an entry with what the hash stands for.
type pair struct {
	hash uint32
	n    int64
}

func (p pair) compare(q pair) int { return cmp.Or(cmp.Compare(p.hash, q.hash), cmp.Compare(p.n, q.n)) }

// page is a piece of a run: its first pair, by which it is found, and the others.
type page struct {
	first pair
	body  []byte
}

// pageBytes bounds the body of a page, so that several share a page of the database.
const pageBytes = 1900

// paged cuts sorted pairs of a run that begins with block low into pages.
func paged(pairs []pair, low int64) (pages []page) {
	var next [2 * binary.MaxVarintLen64]byte
	for i, p := range pairs {
		if i == 0 {
			pages = append(pages, page{first: p})
			continue
		}
		last := &pages[len(pages)-1]
		step := appendPair(next[:0], pairs[i-1], p, low)
		if len(last.body)+len(step) > pageBytes {
			pages = append(pages, page{first: p})
			continue
		}
		last.body = append(last.body, step...)
	}
	return pages
}

// appendPair writes a pair behind another one: u the distance of the hashes, u the distance of the blocks if the hash is the
// same, else of the block from low.
func appendPair(out []byte, before, p pair, low int64) []byte {
	out = binary.AppendUvarint(out, uint64(p.hash-before.hash))
	if p.hash == before.hash {
		return binary.AppendUvarint(out, uint64(p.n-before.n))
	}
	return binary.AppendUvarint(out, uint64(p.n-low))
}

// pairs reads a page of a run that begins with block low, and adds its pairs to a list; ok is false for what paged did not write.
func (p page) pairs(list []pair, low int64) (_ []pair, ok bool) {
	d, last := decoder{in: p.body}, p.first
	list = append(list, last)
	for len(d.in) > 0 {
		step, n := d.number(), int64(d.number())
		next := pair{last.hash + uint32(step), low + n}
		if step == 0 {
			next.n = last.n + n
		}
		if next.compare(last) <= 0 || step > 1<<32-1 {
			return list, false
		}
		list, last = append(list, next), next
	}
	return list, !d.bad
}

// sorted is the list in order, each pair once.
func sorted(list []pair) []pair {
	slices.SortFunc(list, pair.compare)
	return slices.Compact(list)
}
