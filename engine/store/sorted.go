package store

import (
	"cmp"
	"slices"
	"strings"
)

// sortedFrom is how many rows make it worth to bring them into the order of their table.
const sortedFrom = 256

// sort brings the rows into the order of their tables' keys: what lies side by side is then written at once. Rows of one
// resource came in the order of rid, and stay so.
func (c *indexColumns) sort() {
	t, s, d, n, r := &c.token, &c.text, &c.date, &c.number, &c.ref
	if p := orderOf(len(t.hash), func(i, j int32) int { return cmp.Compare(t.hash[i], t.hash[j]) }); p != nil {
		t.tenant, t.hash, t.rid, t.system = permuted(t.tenant, p), permuted(t.hash, p), permuted(t.rid, p), permuted(t.system, p)
	}
	if p := orderOf(len(s.hash), func(i, j int32) int {
		return cmp.Or(cmp.Compare(s.hash[i], s.hash[j]), strings.Compare(s.value[i], s.value[j]))
	}); p != nil {
		s.tenant, s.hash, s.value, s.rid, s.exact = permuted(s.tenant, p), permuted(s.hash, p), permuted(s.value, p), permuted(s.rid, p), permuted(s.exact, p)
	}
	if p := orderOf(len(d.hash), func(i, j int32) int { return cmp.Or(cmp.Compare(d.hash[i], d.hash[j]), cmp.Compare(d.lo[i], d.lo[j])) }); p != nil {
		d.tenant, d.hash, d.lo, d.hi, d.rid = permuted(d.tenant, p), permuted(d.hash, p), permuted(d.lo, p), permuted(d.hi, p), permuted(d.rid, p)
	}
	if p := orderOf(len(n.hash), func(i, j int32) int { return cmp.Or(cmp.Compare(n.hash[i], n.hash[j]), cmp.Compare(n.lo[i], n.lo[j])) }); p != nil {
		n.tenant, n.hash, n.lo, n.hi = permuted(n.tenant, p), permuted(n.hash, p), permuted(n.lo, p), permuted(n.hi, p)
		n.code, n.system, n.rid = permuted(n.code, p), permuted(n.system, p), permuted(n.rid, p)
	}
	if p := orderOf(len(r.hash), func(i, j int32) int {
		return cmp.Or(cmp.Compare(r.target[i], r.target[j]), cmp.Compare(r.hash[i], r.hash[j]))
	}); p != nil {
		r.tenant, r.target, r.hash, r.rid = permuted(r.tenant, p), permuted(r.target, p), permuted(r.hash, p), permuted(r.rid, p)
	}
}

// orderOf is the order in which n rows are sorted; nil if they are few.
func orderOf(n int, compare func(i, j int32) int) []int32 {
	if n < sortedFrom {
		return nil
	}
	p := make([]int32, n)
	for i := range p {
		p[i] = int32(i)
	}
	slices.SortStableFunc(p, compare)
	return p
}

func permuted[T any](column []T, order []int32) []T {
	out := make([]T, len(column))
	for i, from := range order {
		out[i] = column[from]
	}
	return out
}
