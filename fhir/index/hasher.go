package index

import (
	"encoding/binary"

	"github.com/zeebo/xxh3"
)

// Hasher makes the keys of one tenant's rows. The zero Hasher has seed 0.
type Hasher struct{ seed uint64 }

// NewHasher takes the tenant's seed, so that two tenants' hashes tell nothing about each other.
func NewHasher(seed uint64) Hasher { return Hasher{seed} }

// Key is the XXH3 hash (64 bit, seeded) of the resource type, the parameter code and the parts, each preceded by its
// length as an unsigned varint. It does not allocate for keys of up to 512 bytes.
func (h Hasher) Key(resourceType, paramCode string, parts ...string) int64 {
	var room [512]byte
	b := appendPart(appendPart(room[:0], resourceType), paramCode)
	for _, p := range parts {
		b = appendPart(b, p)
	}
	return h.sum(b)
}

func (h Hasher) sum(b []byte) int64 { return int64(xxh3.HashSeed(b, h.seed)) }

// Unit is the 31-bit hash of a short text that stands beside a key: the system of a code, the code or system of a unit, a
// string as it is. 0 only for "".
func (h Hasher) Unit(s string) int32 {
	if s == "" {
		return 0
	}
	return max(1, int32(xxh3.HashStringSeed(s, h.seed)&0x7fffffff))
}

func appendPart(b []byte, s string) []byte {
	return append(binary.AppendUvarint(b, uint64(len(s))), s...)
}
