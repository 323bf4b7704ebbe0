package audit

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"hash"
)

// Keys gives the 32-byte key under which a tenant's entries are protected, always the same. A Log asks once for a tenant.
type Keys func(tenant int32) ([32]byte, error)

type (
	writerID [16]byte
	mac      [16]byte
	sum      [32]byte
)

// row is a row of audit_pending, and a part of a block.
type row struct {
	seq     int64 // of audit_pending
	tenant  int32
	writer  writerID
	counter uint64
	at      int64 // microseconds
	mac     mac
	body    []byte
}

// keyed begins a hash over a tenant's data, with a word for what is hashed, so that the sum of one kind of thing is never
// that of another.
func keyed(key [32]byte, what string, tenant int32) hash.Hash {
	h := hmac.New(sha256.New, key[:])
	h.Write([]byte(what))
	writeInt(h, int64(tenant))
	return h
}

func writeInt(h hash.Hash, v int64) {
	var b [8]byte
	binary.BigEndian.PutUint64(b[:], uint64(v))
	h.Write(b[:])
}

// protect computes the MAC of a row.
func (r *row) protect(key [32]byte) (m mac) {
	h := keyed(key, "ficus audit row 1", r.tenant)
	h.Write(r.writer[:])
	writeInt(h, int64(r.counter))
	writeInt(h, r.at)
	h.Write(r.body)
	copy(m[:], h.Sum(nil))
	return m
}
