package app

import (
	"context"
	"sync"

	"github.com/ficushealth/ficus/engine/vault"
)

// keys gives store and audit what they need of the vault, from memory after the first
// time. prime must have been called for a tenant before anything writes for it, because
// making the keys of a new tenant is a write of its own.
type keys struct {
	vault   *vault.Vault
	sealers sync.Map // of tenant to *vault.Sealer
	secrets sync.Map // of secret to [32]byte
}

// secret names a derived key.
type secret struct {
	tenant  int32
	purpose string
}

// prime makes sure that the tenant has keys.
func (k *keys) prime(ctx context.Context, tenant int32) error {
	s, err := k.vault.Sealer(ctx, tenant)
	if err == nil {
		k.sealers.Store(tenant, s)
	}
	return err
}

func (k *keys) sealer(tenant int32) (*vault.Sealer, error) {
	if s, ok := k.sealers.Load(tenant); ok {
		return s.(*vault.Sealer), nil
	}
	if err := k.prime(context.Background(), tenant); err != nil {
		return nil, err
	}
	return k.sealer(tenant)
}

// Seal wraps a body for its place.
func (k *keys) Seal(tenant int32, rid, version int64, plain []byte) ([]byte, error) {
	s, err := k.sealer(tenant)
	if err != nil {
		return nil, err
	}
	return s.Seal(nil, plain, vault.AD{Tenant: tenant, RID: rid, Version: version, Use: vault.Body})
}

// Unseal opens it there, and nowhere else.
func (k *keys) Unseal(tenant int32, rid, version int64, sealed []byte) ([]byte, error) {
	s, err := k.sealer(tenant)
	if err != nil {
		return nil, err
	}
	return s.Open(nil, sealed, vault.AD{Tenant: tenant, RID: rid, Version: version, Use: vault.Body})
}

// Secret derives a key of the tenant for a purpose.
func (k *keys) Secret(tenant int32, purpose string) ([32]byte, error) {
	name := secret{tenant, purpose}
	if key, ok := k.secrets.Load(name); ok {
		return key.([32]byte), nil
	}
	s, err := k.sealer(tenant)
	if err != nil {
		return [32]byte{}, err
	}
	key := s.Derive(purpose)
	k.secrets.Store(name, key)
	return key, nil
}

// audit is the key that protects the tenant's audit entries.
func (k *keys) audit(tenant int32) ([32]byte, error) { return k.Secret(tenant, "audit") }
