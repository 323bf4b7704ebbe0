package app

import (
	"context"

	"github.com/ficushealth/ficus/engine/audit"
	"github.com/ficushealth/ficus/engine/vault"
)

// auditKeys derives from the vault the keys under which the audit protects entries. The
// tenant must have its keys by then, because making them is a write of its own.
func auditKeys(v *vault.Vault) audit.Keys {
	return func(tenant int32) ([32]byte, error) {
		s, err := v.Sealer(context.Background(), tenant)
		if err != nil {
			return [32]byte{}, err
		}
		return s.Derive("audit"), nil
	}
}
