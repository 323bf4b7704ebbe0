package ledger

import (
	"encoding/binary"

	"github.com/zeebo/blake3"

	"github.com/ficushealth/ficus/engine/vault"
)

// LeafKey is the tenant's key for fingerprints.
func LeafKey(s *vault.Sealer) [32]byte { return s.Derive("strangler leaves") }

// SealImage seals the image of a row in quarantine for its table and key.
func SealImage(s *vault.Sealer, tenant int32, table string, key []byte, f Family) ([]byte, error) {
	return s.Seal(nil, f.Append(nil), imagePlace(tenant, table, key))
}

// OpenImage opens what SealImage sealed.
func OpenImage(s *vault.Sealer, tenant int32, table string, key, sealed []byte) (Family, error) {
	image, err := s.Open(nil, sealed, imagePlace(tenant, table, key))
	if err != nil {
		return Family{}, err
	}
	return ReadFamily(image)
}

func imagePlace(tenant int32, table string, key []byte) vault.AD {
	sum := blake3.Sum256(append(appendText(nil, table), key...))
	return vault.AD{Tenant: tenant, RID: int64(binary.BigEndian.Uint64(sum[:8])), Use: vault.Quarantine}
}
