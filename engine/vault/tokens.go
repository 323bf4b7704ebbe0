package vault

import (
	"cmp"
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"slices"
	"time"

	"github.com/ficushealth/ficus/engine/db"
	"github.com/ficushealth/ficus/fault"
)

// The algorithms (RFC 7518 section 3.1) under which tokens are signed.
const (
	ES256 = "ES256"
	RS256 = "RS256"
)

var algorithms = [...]string{ES256, RS256}

// A new key is published for notice before it signs, so that all who verify have read it by then. One that signs no more
// verifies for keep, which is longer than any token lives.
const (
	notice = 24 * time.Hour
	keep   = 24 * time.Hour
)

// TokenKey is a pair of keys by which tokens are signed.
type TokenKey struct {
	ID    string // of the key in headers and key sets: from its thumbprint (RFC 7638)
	Alg   string
	Key   crypto.Signer
	Signs time.Time // from when it signs
	Until time.Time // to when what it signed is believed; zero: no end is set
}

// TokenKeys are the keys of an installation, the oldest first, as they were read.
type TokenKeys []TokenKey

// Signing is the key that signs at an instant: the newest whose time has come. Fault: Unavailable if there is none.
func (ks TokenKeys) Signing(alg string, now time.Time) (TokenKey, error) {
	for _, k := range slices.Backward(ks) {
		if k.Alg == alg && !k.Signs.After(now) && k.standing(now) {
			return k, nil
		}
	}
	return TokenKey{}, fault.New(fault.Unavailable, "there is no key that signs by %s now", alg)
}

// Standing are those by which tokens are verified at an instant: the key set that is published.
func (ks TokenKeys) Standing(now time.Time) (all TokenKeys) {
	for _, k := range ks {
		if k.standing(now) {
			all = append(all, k)
		}
	}
	return all
}

func (k TokenKey) standing(now time.Time) bool { return k.Until.IsZero() || now.Before(k.Until) }

var tokenKeys = struct{ list, add, end, drop db.Text }{
	list: db.Same(`SELECT id, alg, wrapped, signs, until FROM vault_token WHERE tenant = 0 ORDER BY id`),
	add: db.Same(`INSERT INTO vault_token (tenant, id, alg, wrapped, created, signs)
		SELECT 0, coalesce((SELECT max(id) FROM vault_token WHERE tenant = 0), 0) + 1, $1, $2, $3, $4`),
	end:  db.Same(`UPDATE vault_token SET until = $1 WHERE tenant = 0 AND (until IS NULL OR until > $1)`),
	drop: db.Same(`DELETE FROM vault_token WHERE tenant = 0 AND until < $1`),
}

// TokenKeys reads the keys, and makes those that are missing, which sign at once. It must not stand inside a transaction.
// Faults: those of the database.
func (v *Vault) TokenKeys(ctx context.Context) (TokenKeys, error) {
	all, err := v.readTokenKeys(ctx, v.d)
	if err != nil || len(all) > 0 {
		return all, err
	}
	err = v.changeTokenKeys(ctx, func(tx db.Tx, all TokenKeys) error {
		if len(all) > 0 {
			return nil // another process was faster
		}
		return v.addTokenKeys(ctx, tx, v.now())
	})
	if err != nil {
		return nil, err
	}
	return v.readTokenKeys(ctx, v.d)
}

// ListTokenKeys reads the keys, and makes none.
func (v *Vault) ListTokenKeys(ctx context.Context) (TokenKeys, error) {
	return v.readTokenKeys(ctx, v.d)
}

// RotateTokens makes new keys. They are published at once and sign in a day; those from before verify for another day then.
// What note queues is committed with it: an entry of the audit.
func (v *Vault) RotateTokens(ctx context.Context, note func(*db.Pipe)) error {
	return v.rotateTokens(ctx, v.now().Add(notice), keep, note)
}

// ReplaceTokens makes new keys that sign at once, and ends those from before: for keys that somebody else may have. All
// tokens that were signed with them are refused from now on. note is as in RotateTokens.
func (v *Vault) ReplaceTokens(ctx context.Context, note func(*db.Pipe)) error {
	return v.rotateTokens(ctx, v.now(), 0, note)
}

func (v *Vault) rotateTokens(ctx context.Context, from time.Time, kept time.Duration, note func(*db.Pipe)) error {
	return v.changeTokenKeys(ctx, func(tx db.Tx, _ TokenKeys) error {
		if _, err := tx.Exec(ctx, tokenKeys.drop, v.now().UnixMicro()); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, tokenKeys.end, from.Add(kept).UnixMicro()); err != nil {
			return err
		}
		if err := v.addTokenKeys(ctx, tx, from); err != nil {
			return err
		}
		return tx.Last(ctx, note)
	})
}

// changeTokenKeys lets one process at a time do something about the keys.
func (v *Vault) changeTokenKeys(ctx context.Context, do func(db.Tx, TokenKeys) error) error {
	return v.d.Write(ctx, func(tx db.Tx) error {
		if err := lock(ctx, tx); err != nil {
			return err
		}
		all, err := v.readTokenKeys(ctx, tx)
		if err != nil {
			return err
		}
		return do(tx, all)
	})
}

func (v *Vault) addTokenKeys(ctx context.Context, tx db.Tx, from time.Time) error {
	for _, alg := range algorithms {
		text, err := newTokenKey(alg)
		if err != nil {
			return err
		}
		wrapped := v.root.wrap(text, aboutToken(alg))
		if _, err := tx.Exec(ctx, tokenKeys.add, alg, wrapped, v.now().UnixMicro(), from.UnixMicro()); err != nil {
			return err
		}
	}
	return nil
}

// aboutToken binds a wrapped key to what it signs by.
func aboutToken(alg string) []byte { return []byte("ficus token key " + alg) }

// newTokenKey makes a private key, in PKCS #8.
func newTokenKey(alg string) ([]byte, error) {
	var key any
	var err error
	if alg == RS256 {
		key, err = rsa.GenerateKey(rand.Reader, 2048)
	} else {
		key, err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	}
	if err != nil {
		return nil, err
	}
	return x509.MarshalPKCS8PrivateKey(key)
}

type querier interface {
	Query(ctx context.Context, stmt db.Text, args []any, scan func(db.Row) error) error
}

func (v *Vault) readTokenKeys(ctx context.Context, q querier) (all TokenKeys, err error) {
	err = q.Query(ctx, tokenKeys.list, nil, func(r db.Row) error {
		k := TokenKey{Alg: r.Text(1), Signs: time.UnixMicro(r.Int64(3)).UTC()}
		if !r.IsNull(4) {
			k.Until = time.UnixMicro(r.Int64(4)).UTC()
		}
		text, err := v.root.unwrap(r.Bytes(2), aboutToken(k.Alg))
		if err == nil {
			err = k.parse(text)
		}
		all = append(all, k)
		return err
	})
	slices.SortStableFunc(all, func(a, b TokenKey) int { return cmp.Compare(a.Signs.UnixMicro(), b.Signs.UnixMicro()) })
	return all, err
}

func (k *TokenKey) parse(text []byte) error {
	key, err := x509.ParsePKCS8PrivateKey(text)
	signer, fits := key.(crypto.Signer)
	if err != nil || !fits {
		return fault.New(fault.Internal, "a key in the database is damaged")
	}
	k.Key = signer
	k.ID, err = thumbprint(signer.Public())
	return err
}
