package store

import (
	"encoding/binary"
	"sync"

	"github.com/ficushealth/ficus/fhir"
	"github.com/ficushealth/ficus/fhir/index"
)

// Vault is what the store needs of the tenants' keys.
type Vault interface {
	// Seal wraps a body for its place; Unseal fails for any other place.
	Seal(tenant int32, rid, version int64, plain []byte) ([]byte, error)
	Unseal(tenant int32, rid, version int64, sealed []byte) ([]byte, error)
	// Secret derives a key of the tenant for a purpose; the same at every call.
	Secret(tenant int32, purpose string) ([32]byte, error)
}

// keyring holds what the vault derives for each tenant, so that it is asked once.
type keyring struct {
	mu      sync.RWMutex
	tenants map[int32]tenantKeys
}

type tenantKeys struct {
	hasher index.Hasher
	cursor [32]byte // signs cursors
}

func (s *Store) keys(tenant int32) (tenantKeys, error) {
	s.keyring.mu.RLock()
	k, ok := s.keyring.tenants[tenant]
	s.keyring.mu.RUnlock()
	if ok {
		return k, nil
	}
	return s.deriveKeys(tenant)
}

func (s *Store) deriveKeys(tenant int32) (tenantKeys, error) {
	seed, err := s.vault.Secret(tenant, "index hashes")
	if err != nil {
		return tenantKeys{}, err
	}
	cursor, err := s.vault.Secret(tenant, "cursors")
	if err != nil {
		return tenantKeys{}, err
	}
	k := tenantKeys{index.NewHasher(binary.LittleEndian.Uint64(seed[:])), cursor}
	s.keyring.mu.Lock()
	defer s.keyring.mu.Unlock()
	if s.keyring.tenants == nil {
		s.keyring.tenants = map[int32]tenantKeys{}
	}
	s.keyring.tenants[tenant] = k
	return k, nil
}

// extract computes the index rows of a resource.
func (s *Store) extract(tenant int32, r fhir.Resource) (index.Rows, error) {
	k, err := s.keys(tenant)
	if err != nil {
		return index.Rows{}, err
	}
	return index.Extract(r, k.hasher)
}
