package store

import (
	"context"
	"sync"

	"github.com/ficushealth/ficus/engine/vault"
	"github.com/ficushealth/ficus/fhir"
	"github.com/ficushealth/ficus/fhir/index"
)

// keyring holds what the vault gives for each tenant, so that it is asked once.
type keyring struct {
	mu      sync.RWMutex
	tenants map[int32]*tenantKeys
}

type tenantKeys struct {
	tenant int32
	sealer *vault.Sealer
	hasher index.Hasher
	cursor [32]byte // seals cursors
	stamps [32]byte // of records
}

// keys are those of a tenant. The first call for a tenant may write, so every
// way into the store makes it before it begins a transaction.
func (s *Store) keys(ctx context.Context, tenant int32) (*tenantKeys, error) {
	s.keyring.mu.RLock()
	k, ok := s.keyring.tenants[tenant]
	s.keyring.mu.RUnlock()
	if ok {
		return k, nil
	}
	sealer, err := s.vault.Sealer(ctx, tenant)
	if err != nil {
		return nil, err
	}
	k = &tenantKeys{tenant, sealer, index.NewHasher(sealer.Seed()), sealer.Derive("cursors"), sealer.Derive("record stamps")}
	s.keyring.mu.Lock()
	defer s.keyring.mu.Unlock()
	if s.keyring.tenants == nil {
		s.keyring.tenants = map[int32]*tenantKeys{}
	}
	s.keyring.tenants[tenant] = k
	return k, nil
}

func (k *tenantKeys) seal(rid, version int64, plain []byte) ([]byte, error) {
	return k.sealer.Seal(nil, plain, vault.AD{Tenant: k.tenant, RID: rid, Version: version, Use: vault.Body})
}

func (k *tenantKeys) open(rid, version int64, sealed []byte) ([]byte, error) {
	return k.sealer.Open(nil, sealed, vault.AD{Tenant: k.tenant, RID: rid, Version: version, Use: vault.Body})
}

// extract computes the index rows of a resource. A local reference that no search
// parameter covers gets a row of its own, so that every reference is known to its target.
func (k *tenantKeys) extract(r fhir.Resource, own string) (index.Rows, error) {
	rows, err := index.Extract(r, k.hasher)
	if err != nil {
		return rows, err
	}
	covered := make(map[string]bool, len(rows.Ref))
	for _, x := range rows.Ref {
		covered[x.Target.Type+"/"+x.Target.ID] = true
	}
	for _, ref := range refsOf(r, own) {
		name := ref.Type + "/" + ref.ID
		if _, known := typeIndex(ref.Type); known && ref.Kind == fhir.RefRelative && !covered[name] {
			covered[name] = true
			rows.Ref = append(rows.Ref, index.RefRow{Hash: k.hasher.Key("", "reference"), Target: ref.Ref})
		}
	}
	return rows, nil
}
