package vault

import (
	"context"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"sync/atomic"

	"github.com/ficushealth/ficus/fault"
)

// The parts of an envelope.
const (
	formatPlain = 0
	formatZstd  = 1
	headSize    = 1 + 4
	nonceSize   = 12
	tagSize     = 16

	// Overhead is how much longer than its (compressed) text an envelope is.
	Overhead = headSize + nonceSize + tagSize
)

// Use keeps the envelopes of different tables apart, where their numbers may be the same.
type Use uint8

// The uses. A number, once given, stays.
const (
	Body       Use = iota // a version of a resource
	Quarantine            // the raw image of a legacy row
	Audit                 // details of an audit entry
	Other                 // anything else with an RID of its own kind
	Credential            // what somebody signs in with, numbered by a hash of its id
)

// AD says where a sealed text belongs; it opens nowhere else.
type AD struct {
	Tenant  int32
	RID     int64 // the resource, or the row of another use
	Version int64
	Use     Use
}

const adSize = headSize + 1 + 4 + 8 + 8

func (a AD) append(b []byte) []byte {
	b = append(b, byte(a.Use))
	b = binary.BigEndian.AppendUint32(b, uint32(a.Tenant))
	b = binary.BigEndian.AppendUint64(b, uint64(a.RID))
	return binary.BigEndian.AppendUint64(b, uint64(a.Version))
}

// Sealer seals and opens the texts of one tenant. It is safe for concurrent use.
type Sealer struct {
	vault  *Vault
	tenant int32
	ring   atomic.Pointer[ring]
	derive []byte
}

// ring is the tenant's keys by id.
type ring struct {
	newest uint32
	aeads  map[uint32]cipher.AEAD
}

func newSealer(v *Vault, tenant int32, rows []row) (*Sealer, error) {
	s := &Sealer{vault: v, tenant: tenant}
	if err := s.take(rows); err != nil {
		return nil, err
	}
	return s, nil
}

func (s *Sealer) take(rows []row) error {
	r := &ring{aeads: map[uint32]cipher.AEAD{}}
	for _, row := range rows {
		if row.purpose == purposeDerive && s.derive == nil {
			s.derive = row.key
		}
		if row.purpose != purposeSeal {
			continue
		}
		aead, err := newAEAD(row.key)
		if err != nil {
			return err
		}
		r.aeads[row.id], r.newest = aead, row.id
	}
	s.ring.Store(r)
	return nil
}

// reload reads the tenant's keys again, after a rotation here or elsewhere.
func (s *Sealer) reload(ctx context.Context) error {
	rows, err := s.vault.read(ctx, s.tenant)
	if err != nil {
		return err
	}
	return s.take(rows)
}

// Derive gives a key of the tenant for one purpose, for example "index": always the same, for this installation, tenant
// and purpose, and of no use for any other (HKDF with SHA-256, RFC 5869). Rotation does not change it.
func (s *Sealer) Derive(purpose string) [32]byte {
	key, err := hkdf.Key(sha256.New, s.derive, nil, "ficus derived key "+purpose, 32)
	if err != nil {
		panic(err) // only for a length beyond what HKDF can give
	}
	return [32]byte(key)
}

// Seed is the tenant's seed for the hashes of index rows.
func (s *Sealer) Seed() uint64 {
	key := s.Derive("index")
	return binary.BigEndian.Uint64(key[:8])
}

// Seal appends the envelope of plain to dst, which must not overlap it, and returns it. Faults: Internal for another
// tenant's AD.
func (s *Sealer) Seal(dst, plain []byte, ad AD) ([]byte, error) {
	if ad.Tenant != s.tenant {
		return nil, wrongTenant()
	}
	r := s.ring.Load()
	c := s.vault.codec
	w := c.begin()
	defer c.done(w)
	format, text := c.deflate(w, plain)
	if dst == nil {
		dst = make([]byte, 0, Overhead+len(text))
	}
	at := len(dst)
	dst = binary.BigEndian.AppendUint32(append(dst, format), r.newest)
	w.ad = ad.append(append(w.ad[:0], dst[at:]...))
	dst = append(dst, zeroNonce[:]...)
	nonce := dst[at+headSize:]
	rand.Read(nonce)
	return r.aeads[r.newest].Seal(dst, nonce, text, w.ad), nil
}

var zeroNonce [nonceSize]byte

// Open appends the plain text of a sealed envelope to dst and returns it. Faults: Internal if it is damaged, was moved
// from another place, or its key is gone.
func (s *Sealer) Open(dst, sealed []byte, ad AD) ([]byte, error) {
	if ad.Tenant != s.tenant {
		return nil, wrongTenant()
	}
	if len(sealed) < Overhead || sealed[0] > formatZstd {
		return nil, damaged()
	}
	aead, err := s.key(binary.BigEndian.Uint32(sealed[1:]))
	if err != nil {
		return nil, err
	}
	c := s.vault.codec
	w := c.begin()
	defer c.done(w)
	w.ad = ad.append(append(w.ad[:0], sealed[:headSize]...))
	nonce, text := sealed[headSize:headSize+nonceSize], sealed[headSize+nonceSize:]
	if sealed[0] == formatPlain {
		return orDamaged(aead.Open(dst, nonce, text, w.ad))
	}
	if w.text, err = aead.Open(w.text[:0], nonce, text, w.ad); err != nil {
		return nil, damaged()
	}
	return orDamaged(c.inflate(dst, w.text))
}

// key finds a key; one that is not known yet was made by another process.
func (s *Sealer) key(id uint32) (cipher.AEAD, error) {
	if aead, ok := s.ring.Load().aeads[id]; ok {
		return aead, nil
	}
	if err := s.reload(context.Background()); err != nil {
		return nil, err
	}
	if aead, ok := s.ring.Load().aeads[id]; ok {
		return aead, nil
	}
	return nil, fault.New(fault.Internal, "the key of a sealed text is gone")
}

func orDamaged(plain []byte, err error) ([]byte, error) {
	if err != nil {
		return nil, damaged()
	}
	return plain, nil
}

func damaged() error {
	return fault.New(fault.Internal, "a sealed text is damaged or stands in the wrong place")
}

func wrongTenant() error {
	return fault.New(fault.Internal, "a sealer was asked for another tenant's text")
}
