package ledger

import (
	"encoding/binary"
	"fmt"
	"math/bits"
)

// Digest is the fingerprint of a set of rows: how many there are, and the sum of their leaves modulo 2^128. It does not
// depend on the order, can be kept up while rows come and go, and a row that stands twice does not cancel itself out, as
// it would under XOR. The zero Digest is that of no rows.
type Digest struct {
	Count  int64
	Hi, Lo uint64
}

// Add takes a row in.
func (d *Digest) Add(l Leaf) {
	d.Count++
	d.plus(binary.BigEndian.Uint64(l[:8]), binary.BigEndian.Uint64(l[8:]))
}

// Remove takes a row out.
func (d *Digest) Remove(l Leaf) {
	var borrow uint64
	d.Count--
	d.Lo, borrow = bits.Sub64(d.Lo, binary.BigEndian.Uint64(l[8:]), 0)
	d.Hi, _ = bits.Sub64(d.Hi, binary.BigEndian.Uint64(l[:8]), borrow)
}

// Merge takes all rows of another digest in.
func (d *Digest) Merge(o Digest) {
	d.Count += o.Count
	d.plus(o.Hi, o.Lo)
}

func (d *Digest) plus(hi, lo uint64) {
	var carry uint64
	d.Lo, carry = bits.Add64(d.Lo, lo, 0)
	d.Hi, _ = bits.Add64(d.Hi, hi, carry)
}

// Append appends the digest's 24 bytes: count, then sum, both big-endian.
func (d Digest) Append(b []byte) []byte {
	b = binary.BigEndian.AppendUint64(b, uint64(d.Count))
	b = binary.BigEndian.AppendUint64(b, d.Hi)
	return binary.BigEndian.AppendUint64(b, d.Lo)
}

// String is the count and the sum in hex, as it stands in a certificate.
func (d Digest) String() string { return fmt.Sprintf("%d:%016x%016x", d.Count, d.Hi, d.Lo) }
