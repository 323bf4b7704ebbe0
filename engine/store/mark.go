package store

import (
	"github.com/zeebo/xxh3"

	"github.com/ficushealth/ficus/event"
)

// The lowest bits of a mark: whether the write was replayed, and one that is always set, because no mark is 0.
const (
	markReplayed = 1
	markAlways   = 2
)

// Mark sums up what the columns of a version say beside its body. The audit record keeps it of each write, so that a row
// that is not as it was written, or that nobody wrote, can be told. The lowest bit says that the write was replayed.
func (v Version) Mark(replayed bool) uint64 {
	b := append([]byte(v.Type), 0)
	b = append(append(b, v.ID...), 0)
	b = append(b, packed(v.RID, v.Number, v.Updated.UnixMicro(), int64(v.Method))...)
	if v.Deleted {
		b = append(b, 1)
	}
	return withFlags(xxh3.Hash(b), replayed)
}

// SplitMark takes a mark apart: that of a write that was not replayed, and whether it was.
func SplitMark(mark uint64) (plain uint64, replayed bool) {
	return mark &^ markReplayed, mark&markReplayed != 0
}

// EventMark sums up an event that a caller emitted beside those of its writes.
func EventMark(e *event.Event) uint64 {
	b := append([]byte(e.Name), 0)
	b = append(append(b, e.Type...), 0)
	b = append(append(b, e.ID...), 0)
	b = append(b, packed(e.RID, int64(e.Version), e.At.UnixMicro())...)
	return withFlags(xxh3.Hash(append(b, e.Payload...)), e.Replayed)
}

func withFlags(h uint64, replayed bool) uint64 {
	h = h&^markReplayed | markAlways
	if replayed {
		h |= markReplayed
	}
	return h
}
