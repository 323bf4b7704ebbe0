package ledger

import (
	"math/big"
	"testing"

	"pgregory.net/rapid"
)

func leafGen() *rapid.Generator[Leaf] {
	return rapid.Custom(func(t *rapid.T) (l Leaf) {
		copy(l[:], rapid.SliceOfN(rapid.Byte(), 16, 16).Draw(t, "leaf"))
		return l
	})
}

// slow is the sum in big integers.
func slow(leaves []Leaf) *big.Int {
	sum := new(big.Int)
	for _, l := range leaves {
		sum.Add(sum, new(big.Int).SetBytes(l[:]))
	}
	return sum.Mod(sum, new(big.Int).Lsh(big.NewInt(1), 128))
}

func (d Digest) big() *big.Int {
	b := d.Append(nil)
	return new(big.Int).SetBytes(b[8:])
}

func TestDigestIsTheSumModulo2To128(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		leaves := rapid.SliceOf(leafGen()).Draw(t, "leaves")
		var d Digest
		for _, l := range leaves {
			d.Add(l)
		}
		if d.Count != int64(len(leaves)) || d.big().Cmp(slow(leaves)) != 0 {
			t.Fatalf("digest %s of %d leaves, want sum %x", d, len(leaves), slow(leaves))
		}
	})
}

func TestDigestForgetsOrderAndTakesRowsOut(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		leaves := rapid.SliceOfN(leafGen(), 1, 20).Draw(t, "leaves")
		cut := rapid.IntRange(0, len(leaves)).Draw(t, "cut")
		var front, back, all Digest
		for i := len(leaves) - 1; i >= 0; i-- {
			all.Add(leaves[i])
		}
		for i, l := range leaves {
			if i < cut {
				front.Add(l)
			} else {
				back.Add(l)
			}
		}
		merged := front
		merged.Merge(back)
		if merged != all {
			t.Fatal("the order or the grouping changed the digest")
		}
		for _, l := range leaves[cut:] {
			all.Remove(l)
		}
		if all != front {
			t.Fatal("a row could not be taken out")
		}
	})
}

func TestARowThatStandsTwiceDoesNotCancel(t *testing.T) {
	l := NewHasher([32]byte{1}).Leaf([]byte("row"))
	var d Digest
	d.Add(l)
	d.Add(l)
	if d == (Digest{Count: 2}) || d.Hi == 0 && d.Lo == 0 {
		t.Fatal("a pair cancelled out")
	}
}

func TestLeafDependsOnKeyAndBytes(t *testing.T) {
	a, b := NewHasher([32]byte{1}), NewHasher([32]byte{2})
	if a.Leaf([]byte("x")) == b.Leaf([]byte("x")) || a.Leaf([]byte("x")) == a.Leaf([]byte("y")) {
		t.Fatal("leaves collide")
	}
	if a.Leaf([]byte("x"), []byte("y")) != a.Leaf([]byte("xy")) {
		t.Fatal("parts are hashed one after the other")
	}
}

func BenchmarkLeaf(b *testing.B) {
	h, row := NewHasher([32]byte{1}), make([]byte, 300)
	b.ReportAllocs()
	for b.Loop() {
		h.Leaf(row)
	}
}
