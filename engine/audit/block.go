package audit

import (
	"encoding/binary"

	"github.com/klauspost/compress/zstd"

	"github.com/ficushealth/ficus/engine/db"
)

// block is a link of a tenant's chain.
type block struct {
	tenant      int32
	n           int64 // from 1
	count       int   // entries
	first, last int64 // microseconds: the earliest and the latest entry
	prev, hash  sum
	body        []byte
}

// seal computes the hash of a block as if it were number n.
func (b *block) seal(key [32]byte, n int64) (s sum) {
	h := keyed(key, "ficus audit block 1", b.tenant)
	h.Write(b.prev[:])
	for _, v := range [...]int64{n, int64(b.count), b.first, b.last} {
		writeInt(h, v)
	}
	h.Write(b.body)
	copy(s[:], h.Sum(nil))
	return s
}

const (
	blockVersion = 1
	blockMemory  = 256 << 20 // bytes that a block may unpack to
)

// packer turns rows into the body of a block and back. It is safe for concurrent use.
type packer struct {
	in  *zstd.Encoder
	out *zstd.Decoder
}

func newPacker() packer {
	in, err := zstd.NewWriter(nil, zstd.WithEncoderConcurrency(1), zstd.WithLowerEncoderMem(true))
	if err != nil {
		panic(err) // only for options that contradict each other
	}
	out, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxMemory(blockMemory))
	if err != nil {
		panic(err)
	}
	return packer{in, out}
}

func (p packer) close() {
	p.in.Close() // nothing is buffered
	p.out.Close()
}

func (p packer) pack(rows []row) []byte {
	var plain []byte
	for i := range rows {
		r := &rows[i]
		plain = append(plain, r.writer[:]...)
		plain = binary.AppendUvarint(plain, r.counter)
		plain = binary.AppendVarint(plain, r.at)
		plain = append(plain, r.mac[:]...)
		plain = binary.AppendUvarint(plain, uint64(len(r.body)))
		plain = append(plain, r.body...)
	}
	return p.in.EncodeAll(plain, []byte{blockVersion})
}

// unpack gives the rows of a block; ok is false for what pack did not write.
func (p packer) unpack(b *block) (rows []row, ok bool) {
	if len(b.body) == 0 || b.body[0] != blockVersion {
		return nil, false
	}
	plain, err := p.out.DecodeAll(b.body[1:], nil)
	if err != nil {
		return nil, false
	}
	d := decoder{in: plain}
	for len(d.in) > 0 {
		r := row{tenant: b.tenant}
		copy(r.writer[:], d.bytes(len(r.writer)))
		r.counter, r.at = d.number(), d.signed()
		copy(r.mac[:], d.bytes(len(r.mac)))
		r.body = d.bytes(d.count(len(d.in)))
		rows = append(rows, r)
	}
	return rows, !d.bad
}

// newBlock packs rows of one tenant behind the head of its chain; a zero head is the beginning.
func (p packer) newBlock(key [32]byte, head block, rows []row) block {
	b := block{tenant: rows[0].tenant, n: head.n + 1, prev: head.hash, body: p.pack(rows)}
	b.first, b.last = rows[0].at, rows[0].at
	for i := range rows {
		eachTime(rows[i].body, func(at int64) {
			b.count++
			b.first, b.last = min(b.first, at), max(b.last, at)
		})
	}
	b.hash = b.seal(key, b.n)
	return b
}

const blockColumns = `SELECT tenant, n, count, first, last, prev, hash, body FROM audit_block `

// blockAt reads blockColumns.
func blockAt(r db.Row) block { return blockFrom(r, 0) }

// blockFrom reads them from column i on.
func blockFrom(r db.Row, i int) block {
	b := block{tenant: r.Int32(i), n: r.Int64(i + 1), count: int(r.Int64(i + 2)), first: r.Int64(i + 3), last: r.Int64(i + 4), body: r.Bytes(i + 7)}
	whole(b.prev[:], r.BytesNoCopy(i+5))
	whole(b.hash[:], r.BytesNoCopy(i+6))
	return b
}
