package proof

import (
	"encoding/binary"

	"github.com/zeebo/xxh3"
)

// pairing is two sides of which each must say what the other says.
type pairing int

const (
	written pairing = iota // the audit record, and the versions and records that are stored
	emitted                // the audit record, and the events in the outbox
	told                   // the versions that are stored, and the events in the outbox
	pairings
)

// statement is what a side of a pairing says of one version.
type statement struct {
	of      pairing
	typ, id string
	version int64
	mark    uint64
}

const buckets = 1 << 14

// tally compares two sides of any size in little memory. What each says is summed up in buckets, added for one side and
// taken away for the other. Where a sum is not nought then, everything is read once more, and what falls into that
// bucket is counted one by one.
type tally struct {
	seed   uint64 // of the hashes, secret: nobody can make up rows whose sums are equal
	sums   [pairings][buckets]uint64
	closer bool // count what falls into the buckets whose sums are not nought
	counts map[statement]int
}

func (t *tally) bucket(s statement) int {
	return int(xxh3.HashStringSeed(s.typ+"/"+s.id, t.seed) % buckets)
}

func (t *tally) hash(s statement) uint64 {
	b := append(append(append([]byte(s.typ), '/'), s.id...), 0)
	b = binary.LittleEndian.AppendUint64(b, uint64(s.version))
	return xxh3.HashSeed(binary.LittleEndian.AppendUint64(b, s.mark), t.seed+uint64(s.of)+1)
}

func (t *tally) add(s statement)  { t.take(s, 1) }
func (t *tally) drop(s statement) { t.take(s, -1) }

func (t *tally) take(s statement, n int) {
	b := t.bucket(s)
	if !t.closer {
		t.sums[s.of][b] += uint64(n) * t.hash(s)
		return
	}
	if t.sums[s.of][b] == 0 {
		return
	}
	if t.counts[s] += n; t.counts[s] == 0 {
		delete(t.counts, s)
	}
}

// equal reports whether both sides of all pairings say the same.
func (t *tally) equal() bool { return t.sums == [pairings][buckets]uint64{} }
