package vault_test

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"sync"
	"testing"
	"time"

	"github.com/ficushealth/ficus/engine/db"
	"github.com/ficushealth/ficus/engine/db/dbtest"
	"github.com/ficushealth/ficus/engine/vault"
	"github.com/ficushealth/ficus/fault"
)

// at opens the vault at an instant.
func at(t *testing.T, d *db.DB, o vault.Options, now *time.Time) *vault.Vault {
	t.Helper()
	migrate(t, d)
	o.Now = func() time.Time { return *now }
	v, err := vault.Open(t.Context(), d, o)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func silent(*db.Pipe) {}

func tokenKeys(t *testing.T, v *vault.Vault) vault.TokenKeys {
	t.Helper()
	all, err := v.TokenKeys(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func signing(t *testing.T, ks vault.TokenKeys, alg string, now time.Time) vault.TokenKey {
	t.Helper()
	k, err := ks.Signing(alg, now)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

// holds tells whether what a key signs is believed by those who read these keys at that time.
func holds(t *testing.T, ks vault.TokenKeys, k vault.TokenKey, now time.Time) bool {
	t.Helper()
	digest := sha256.Sum256([]byte("token"))
	signature, err := k.Key.Sign(rand.Reader, digest[:], crypto.SHA256)
	if err != nil {
		t.Fatal(err)
	}
	for _, other := range ks.Standing(now) {
		if other.ID != k.ID {
			continue
		}
		switch public := other.Key.Public().(type) {
		case *ecdsa.PublicKey:
			return ecdsa.VerifyASN1(public, digest[:], signature)
		case *rsa.PublicKey:
			return rsa.VerifyPKCS1v15(public, crypto.SHA256, digest[:], signature) == nil
		}
	}
	return false
}

func TestTokenKeysRotate(t *testing.T) {
	dbtest.Both(t, func(t *testing.T, d *db.DB) {
		now := time.Date(2026, 11, 20, 0, 0, 0, 0, time.UTC)
		o := vault.Options{KeyFile: keyFile(t)}
		here, elsewhere := at(t, d, o, &now), at(t, d, o, &now)
		for _, alg := range []string{vault.ES256, vault.RS256} {
			old := signing(t, tokenKeys(t, here), alg, now)
			if again := signing(t, tokenKeys(t, elsewhere), alg, now); again.ID != old.ID || len(old.ID) != 12 || !holds(t, tokenKeys(t, elsewhere), old, now) {
				t.Fatalf("%s: another process has %s, not %s", alg, again.ID, old.ID)
			}
			if err := here.RotateTokens(t.Context(), silent); err != nil {
				t.Fatal(err)
			}
			before := tokenKeys(t, elsewhere) // read as soon as they are published, and not again
			if k := signing(t, tokenKeys(t, here), alg, now.Add(24*time.Hour-1)); k.ID != old.ID {
				t.Error(alg, "signs with a key that nobody knows yet")
			}
			now = now.Add(24 * time.Hour)
			fresh := signing(t, tokenKeys(t, here), alg, now)
			if fresh.ID == old.ID || !holds(t, before, fresh, now) || !holds(t, before, old, now.Add(24*time.Hour-1)) || holds(t, before, old, now.Add(24*time.Hour)) {
				t.Errorf("%s: %s and %s", alg, old.ID, fresh.ID)
			}
			now = now.Add(24 * time.Hour)
		}
	})
}

func TestReplacedTokenKeysAreBelievedNoMore(t *testing.T) {
	dbtest.Both(t, func(t *testing.T, d *db.DB) {
		now := time.Date(2026, 11, 20, 0, 0, 0, 0, time.UTC)
		v := at(t, d, vault.Options{KeyFile: keyFile(t)}, &now)
		old := signing(t, tokenKeys(t, v), vault.ES256, now)
		if err := v.ReplaceTokens(t.Context(), silent); err != nil {
			t.Fatal(err)
		}
		all := tokenKeys(t, v)
		if fresh := signing(t, all, vault.ES256, now); fresh.ID == old.ID || !holds(t, all, fresh, now) || holds(t, all, old, now) || len(all.Standing(now)) != 2 {
			t.Errorf("%+v", all)
		}
		if _, err := all.Signing("none", now); !fault.Is(err, fault.Unavailable) {
			t.Error(err)
		}
	})
}

func TestProcessesMakeOneTokenKey(t *testing.T) {
	dbtest.Both(t, func(t *testing.T, d *db.DB) {
		now := time.Now()
		o := vault.Options{KeyFile: keyFile(t)}
		first := at(t, d, o, &now)
		var wait sync.WaitGroup
		for range 4 {
			v := at(t, d, o, &now)
			wait.Go(func() {
				if _, err := v.TokenKeys(t.Context()); err != nil {
					t.Error(err)
				}
			})
		}
		wait.Wait()
		if all := tokenKeys(t, first); len(all) != 2 {
			t.Errorf("%d keys", len(all))
		}
	})
}

func TestADamagedTokenKeyIsFound(t *testing.T) {
	now := time.Now()
	d := dbtest.SQLite(t)
	v := at(t, d, vault.Options{KeyFile: keyFile(t)}, &now)
	tokenKeys(t, v)
	for _, stmt := range []string{`UPDATE vault_token SET wrapped = x'00' WHERE alg = 'RS256'`, `UPDATE vault_token SET alg = 'ES256'`} {
		if _, err := d.Exec(t.Context(), db.Same(stmt)); err != nil {
			t.Fatal(err)
		}
		if _, err := v.TokenKeys(t.Context()); !fault.Is(err, fault.Internal) {
			t.Error(stmt, err)
		}
	}
}
