package ledger

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"testing"
)

// recursive is the definition of RFC 6962, section 2.1, word for word.
func recursive(data [][]byte) [32]byte {
	switch len(data) {
	case 0:
		return sha256.Sum256(nil)
	case 1:
		return sha256.Sum256(append([]byte{0}, data[0]...))
	}
	k := 1
	for k*2 < len(data) {
		k *= 2
	}
	l, r := recursive(data[:k]), recursive(data[k:])
	return sha256.Sum256(append(append([]byte{1}, l[:]...), r[:]...))
}

func TestTreeIsThatOfRFC6962(t *testing.T) {
	var tree Tree
	var data [][]byte
	for n := range 70 {
		if got, want := tree.Root(), recursive(data); got != Root(want) {
			t.Fatalf("%d leaves: root %s, want %x", n, got, want)
		}
		leaf := fmt.Appendf(nil, "leaf %d", n)
		data = append(data, leaf)
		tree.Append(leaf)
	}
}

func TestRootOfNothing(t *testing.T) {
	const want = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
	var tree Tree
	if got := tree.Root(); got.String() != want || hex.EncodeToString(got[:]) != want {
		t.Fatalf("root %s", got)
	}
}
