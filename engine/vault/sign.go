package vault

import (
	"context"
	"crypto/ed25519"

	"github.com/ficushealth/ficus/fault"
)

// SignKey gives the installation's Ed25519 key (RFC 8032), with which it signs certificates. It is made at the first call,
// which must not stand inside a transaction. Faults: those of the database.
func (v *Vault) SignKey(ctx context.Context) (ed25519.PrivateKey, error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.signer != nil {
		return v.signer, nil
	}
	rows, err := v.keys(ctx, 0, purposeSign)
	if err != nil {
		return nil, err
	}
	for _, r := range rows {
		if r.purpose == purposeSign {
			v.signer = ed25519.NewKeyFromSeed(r.key)
		}
	}
	return v.signer, nil
}

// Verify checks a signature by the public key of the installation that made it. Faults: Unprocessable if it does not fit.
func Verify(public ed25519.PublicKey, message, signature []byte) error {
	if len(public) != ed25519.PublicKeySize || !ed25519.Verify(public, message, signature) {
		return fault.New(fault.Unprocessable, "the signature does not fit the text and the public key")
	}
	return nil
}
