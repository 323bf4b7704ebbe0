package signin

import (
	"context"
	"encoding/json"
	"net/http"
	"sync"
	"time"

	jose "github.com/go-jose/go-jose/v4"

	"github.com/ficushealth/ficus/engine/vault"
)

// keyring is our own keys, as they were read a moment ago: those that are replaced sign and verify nothing any more within
// that time.
type keyring struct {
	v     *vault.Vault
	now   func() time.Time
	fresh time.Duration

	mu    sync.Mutex
	all   vault.TokenKeys
	until time.Time
}

// standing are the keys by which tokens are verified now.
func (k *keyring) standing(ctx context.Context) (vault.TokenKeys, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	now := k.now()
	if !now.Before(k.until) {
		all, err := k.v.TokenKeys(ctx)
		if err != nil {
			return nil, err
		}
		k.all, k.until = all, now.Add(k.fresh)
	}
	return k.all.Standing(now), nil
}

// sign makes a JWT of claims (RFC 7519).
func (k *keyring) sign(ctx context.Context, alg, typ string, claims any) (string, error) {
	all, err := k.standing(ctx)
	if err != nil {
		return "", err
	}
	key, err := all.Signing(alg, k.now())
	if err != nil {
		return "", err
	}
	by := jose.SigningKey{Algorithm: jose.SignatureAlgorithm(alg), Key: jose.JSONWebKey{Key: key.Key, KeyID: key.ID}}
	signer, err := jose.NewSigner(by, (&jose.SignerOptions{}).WithType(jose.ContentType(typ)))
	if err != nil {
		return "", err
	}
	body, err := json.Marshal(claims)
	if err != nil {
		return "", err
	}
	jws, err := signer.Sign(body)
	if err != nil {
		return "", err
	}
	return jws.CompactSerialize()
}

// verify gives what one of our keys has signed as a type of token. The algorithm is that of the key, whatever the token says.
// false: none has.
func (k *keyring) verify(ctx context.Context, alg, typ, text string) ([]byte, bool, error) {
	jws, err := jose.ParseSignedCompact(text, []jose.SignatureAlgorithm{jose.SignatureAlgorithm(alg)})
	if err != nil || len(jws.Signatures) != 1 || jws.Signatures[0].Protected.ExtraHeaders[jose.HeaderType] != typ {
		return nil, false, nil
	}
	all, err := k.standing(ctx)
	if err != nil {
		return nil, false, err
	}
	for _, key := range all {
		if key.ID == jws.Signatures[0].Protected.KeyID && key.Alg == alg {
			body, err := jws.Verify(key.Key.Public())
			return body, err == nil, nil
		}
	}
	return nil, false, nil
}

// jwks publishes the keys by which our tokens are verified (RFC 7517).
func (i *Issuer) jwks(r *http.Request) (any, error) {
	all, err := i.keys.standing(r.Context())
	set := jose.JSONWebKeySet{Keys: []jose.JSONWebKey{}}
	for _, k := range all {
		set.Keys = append(set.Keys, jose.JSONWebKey{Key: k.Key.Public(), KeyID: k.ID, Algorithm: k.Alg, Use: "sig"})
	}
	return cached{set}, err
}
