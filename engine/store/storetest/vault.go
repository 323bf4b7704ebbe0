package storetest

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
)

// Vault is a vault for tests of other packages: it ties a body to its place, but hides nothing.
type Vault struct{}

func place(tenant int32, rid, version int64) []byte {
	b := binary.BigEndian.AppendUint32(nil, uint32(tenant))
	return binary.BigEndian.AppendUint64(binary.BigEndian.AppendUint64(b, uint64(rid)), uint64(version))
}

// Seal puts the place before the body.
func (Vault) Seal(tenant int32, rid, version int64, plain []byte) ([]byte, error) {
	return append(place(tenant, rid, version), plain...), nil
}

// Unseal fails if the body was sealed for another place.
func (Vault) Unseal(tenant int32, rid, version int64, sealed []byte) ([]byte, error) {
	body, ok := bytes.CutPrefix(sealed, place(tenant, rid, version))
	if !ok {
		return nil, fmt.Errorf("storetest: a body of another place")
	}
	return bytes.Clone(body), nil
}

// Secret hashes its arguments.
func (Vault) Secret(tenant int32, purpose string) ([32]byte, error) {
	return sha256.Sum256(fmt.Append(nil, tenant, purpose)), nil
}

// AuditKeys gives a key for audit.NewLog.
func AuditKeys(tenant int32) ([32]byte, error) { return Vault{}.Secret(tenant, "audit") }
