package move

import (
	"encoding/binary"

	"github.com/ficushealth/ficus/strangler/crosswalk"
	"github.com/ficushealth/ficus/strangler/ledger"
	"github.com/ficushealth/ficus/strangler/mapping"
	"github.com/ficushealth/ficus/strangler/source"
)

// batch is a range of a root table's rows, and what becomes of them.
type batch struct {
	walk     *walk
	after    []byte // key in full of the row before the first one; nil at the start
	upto     []byte // key in full of the last row; nil if there is none
	last     bool   // nothing stands behind it: it reaches to the end of the table
	families []*family
	vanished []ledger.Row // what the ledger knows and the source does not have any more
	draft    *draft       // nil: it is still to be planned
}

// end is the upper bound of the range: nil, the end of the table, for the last batch.
func (b *batch) end() []byte {
	if b.last {
		return nil
	}
	return b.upto
}

// family is a row with the rows that belong to it, and what becomes of them.
type family struct {
	mapping.Input
	full       []byte // key in full
	key, whole []byte // as the ledger writes it
	leaf       ledger.Leaf
	leaves     [][]ledger.Leaf // of Joined
	image      ledger.Leaf     // of all of it and of the mapping

	known *ledger.Row // what the ledger says; nil: nothing
	links []crosswalk.Link

	same   bool // nothing has changed: nothing is written
	out    mapping.Output
	put    []target         // its resources
	notes  []note           // its records
	linked []crosswalk.Link // what the crosswalk will say: the targets that it has, and those that it has no more
}

// target is a resource of a row.
type target struct {
	mapping.Target
	link   int   // its place in linked
	behind int64 // the version that was moved before; 0 for none
	there  bool  // that version is no tombstone
	same   bool  // it holds what it should: nothing is written
}

// state is what the ledger will say of the row.
func (f *family) state() ledger.State {
	switch {
	case f.out.Refused != nil:
		return ledger.Quarantined
	case f.out.Filtered != "":
		return ledger.Filtered
	}
	return ledger.Mapped
}

// reason is the name of why the row is not mapped, "" if it is.
func (f *family) reason() string {
	if r := f.out.Refused; r != nil {
		return r.Code
	}
	return f.out.Filtered
}

// refuse turns what became of the row into a refusal.
func (f *family) refuse(r mapping.Refusal) {
	f.out = mapping.Output{Refused: &r}
	f.put, f.notes, f.linked = nil, nil, nil
}

// hash makes the fingerprints of the family.
func (f *family) hash(h *ledger.Hasher, mappingHash string, scratch []byte) []byte {
	scratch = source.Canonical(scratch[:0], f.Row)
	f.leaf = h.Leaf(scratch)
	image := append([]byte(mappingHash), f.leaf[:]...)
	f.leaves = make([][]ledger.Leaf, len(f.Joined))
	for i, rows := range f.Joined {
		image = binary.AppendUvarint(image, uint64(len(rows)))
		for _, r := range rows {
			scratch = source.Canonical(scratch[:0], r)
			l := h.Leaf(scratch)
			f.leaves[i] = append(f.leaves[i], l)
			image = append(image, l[:]...)
		}
	}
	f.image = h.Leaf(image)
	return scratch
}
