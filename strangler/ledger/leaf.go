package ledger

import (
	"encoding/hex"

	"github.com/zeebo/blake3"
)

// Leaf is the fingerprint of one row: the first 128 bits of the keyed BLAKE3 hash of its canonical bytes. Two rows that
// differ by accident have the same leaf with a probability of 2^-128; who knows the key could construct such a pair.
type Leaf [16]byte

// String is the leaf in hex.
func (l Leaf) String() string { return hex.EncodeToString(l[:]) }

// Hasher makes leaves under one key. It is not safe for concurrent use: each goroutine has its own.
type Hasher struct{ h *blake3.Hasher }

// NewHasher makes a hasher; the key is the tenant's and never leaves the vault.
func NewHasher(key [32]byte) *Hasher {
	h, err := blake3.NewKeyed(key[:])
	if err != nil {
		panic(err) // only for a key that is not 32 bytes long
	}
	return &Hasher{h: h}
}

// Leaf is the fingerprint of the parts one after the other. Parts are not delimited: canonical bytes say themselves where
// they end.
func (h *Hasher) Leaf(parts ...[]byte) (l Leaf) {
	h.h.Reset()
	for _, p := range parts {
		h.h.Write(p) //nolint:errcheck // a hash never fails
	}
	h.h.Digest().Read(l[:]) //nolint:errcheck
	return l
}
