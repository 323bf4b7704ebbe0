package ledger

import (
	"crypto/sha256"
	"encoding/hex"
)

// Root is the root of a Merkle tree (SHA-256).
type Root [32]byte

// String is the root in hex.
func (r Root) String() string { return hex.EncodeToString(r[:]) }

// Tree builds the root over leaves that are appended in order, in memory that grows with the logarithm of their number.
// The shape is that of RFC 6962, section 2.1: a leaf is SHA-256(0x00 | data), a node SHA-256(0x01 | left | right), a
// tree of n leaves splits at the largest power of two below n, and the root of no leaves is SHA-256 of nothing. The zero
// Tree is empty.
type Tree struct {
	peaks []peak
}

// peak is a full subtree.
type peak struct {
	height int
	hash   Root
}

// Append adds a leaf.
func (t *Tree) Append(data []byte) {
	next := peak{hash: sha256.Sum256(append([]byte{0}, data...))}
	for n := len(t.peaks); n > 0 && t.peaks[n-1].height == next.height; n-- {
		next = peak{height: next.height + 1, hash: join(t.peaks[n-1].hash, next.hash)}
		t.peaks = t.peaks[:n-1]
	}
	t.peaks = append(t.peaks, next)
}

// Root is the root over what has been appended so far.
func (t *Tree) Root() Root {
	if len(t.peaks) == 0 {
		return sha256.Sum256(nil)
	}
	root := t.peaks[len(t.peaks)-1].hash
	for i := len(t.peaks) - 2; i >= 0; i-- {
		root = join(t.peaks[i].hash, root)
	}
	return root
}

func join(left, right Root) Root {
	both := append([]byte{1}, left[:]...)
	return sha256.Sum256(append(both, right[:]...))
}
