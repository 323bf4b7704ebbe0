package vault

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"math/big"

	"github.com/ficushealth/ficus/fault"
)

// thumbprint is the beginning of a public key's thumbprint (RFC 7638): 72 bits.
func thumbprint(public crypto.PublicKey) (string, error) {
	text := ""
	switch key := public.(type) {
	case *ecdsa.PublicKey:
		point, err := key.Bytes() // 4, x and y
		if err != nil {
			return "", err
		}
		half := len(point) / 2
		text = fmt.Sprintf(`{"crv":"P-256","kty":"EC","x":"%s","y":"%s"}`, encoded(point[1:1+half]), encoded(point[1+half:]))
	case *rsa.PublicKey:
		text = fmt.Sprintf(`{"e":"%s","kty":"RSA","n":"%s"}`, encoded(big.NewInt(int64(key.E)).Bytes()), encoded(key.N.Bytes()))
	default:
		return "", fault.New(fault.Internal, "a key in the database is of a kind that is not served")
	}
	sum := sha256.Sum256([]byte(text))
	return encoded(sum[:])[:12], nil
}

func encoded(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }
