package fhir

import (
	"hash/maphash"
	"math/bits"
)

// uniqueByHash is unique for an object of many members.
func (p *parser) uniqueByHash(d *doc, first int) error {
	t := newTable(p.siblings(first))
	for i := first; i < len(p.nodes); i = int(p.nodes[i].next) {
		if !t.add(d, uint32(i)) {
			return p.duplicate(i)
		}
	}
	return nil
}

// siblings counts the members from the first one on.
func (p *parser) siblings(first int) (n int) {
	for i := first; i < len(p.nodes); i = int(p.nodes[i].next) {
		n++
	}
	return n
}

// table is a set of member names. It holds nothing but the numbers of their nodes, so that four million members cost
// 32 MiB; its seed is new for each object, so that nobody can choose names that meet in it.
type table struct {
	seed  maphash.Seed
	slots []uint32 // a node and one, 0: free; a power of two of them, half of which stay free
}

func newTable(n int) *table {
	return &table{maphash.MakeSeed(), make([]uint32, 1<<bits.Len(uint(2*n)))}
}

// add reports whether the name of the node was not there before.
func (t *table) add(d *doc, node uint32) bool {
	key, mask := d.key(&d.nodes[node]), uint64(len(t.slots)-1)
	for at := maphash.String(t.seed, key) & mask; ; at = (at + 1) & mask {
		switch other := t.slots[at]; {
		case other == 0:
			t.slots[at] = node + 1
			return true
		case d.key(&d.nodes[other-1]) == key:
			return false
		}
	}
}
