package vault_test

import (
	"bytes"
	"crypto/ed25519"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/ficushealth/ficus/engine/db"
	"github.com/ficushealth/ficus/engine/db/dbtest"
	"github.com/ficushealth/ficus/engine/vault"
	"github.com/ficushealth/ficus/fault"
)

var place = vault.AD{Tenant: 7, RID: 1 << 40, Version: 3}

func TestASealedTextOpensAgain(t *testing.T) {
	dbtest.Both(t, func(t *testing.T, d *db.DB) {
		options := vault.Options{KeyFile: keyFile(t)}
		sealed := map[string][]byte{}
		texts := []string{"", "x", `{"resourceType":"Patient"}`, strings.Repeat(`{"system":"http://loinc.org"}`, 1000), noise(5000)}
		for _, text := range texts {
			sealed[text] = seal(t, open(t, d, options), place, text)
		}
		again := sealer(t, open(t, d, options), place.Tenant) // another process: keys come from the database
		for text, s := range sealed {
			got, err := again.Open([]byte("before "), s, place)
			if err != nil || string(got) != "before "+text {
				t.Errorf("%.30q: %v, %d bytes", text, err, len(got))
			}
			if len(text) > 40 && len(text) < 5000 && bytes.Contains(s, []byte("loinc")) {
				t.Error("the envelope shows its text")
			}
		}
	})
}

func noise(n int) string {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(i * i * 7 >> 3 * i)
	}
	return string(b)
}

func TestAnyTextOpensAgain(t *testing.T) {
	s := sealer(t, open(t, dbtest.SQLite(t), vault.Options{KeyFile: keyFile(t)}), 1)
	rapid.Check(t, func(t *rapid.T) {
		plain := rapid.SliceOf(rapid.Byte()).Draw(t, "plain")
		ad := vault.AD{Tenant: 1, RID: rapid.Int64().Draw(t, "rid"), Version: rapid.Int64().Draw(t, "version"),
			Use: vault.Use(rapid.Uint8().Draw(t, "use"))}
		sealed, err := s.Seal(nil, plain, ad)
		if err != nil {
			t.Fatal(err)
		}
		got, err := s.Open(nil, sealed, ad)
		if err != nil || !bytes.Equal(got, plain) {
			t.Fatalf("%v, %d bytes", err, len(got))
		}
	})
}

func TestASealedTextOpensNowhereElse(t *testing.T) {
	v := open(t, dbtest.SQLite(t), vault.Options{KeyFile: keyFile(t)})
	s := sealer(t, v, place.Tenant)
	sealed := seal(t, v, place, `{"resourceType":"Patient","id":"a"}`)
	moved := map[string]vault.AD{
		"resource": {Tenant: 7, RID: place.RID + 1, Version: 3},
		"version":  {Tenant: 7, RID: place.RID, Version: 4},
		"use":      {Tenant: 7, RID: place.RID, Version: 3, Use: vault.Quarantine},
		"tenant":   {Tenant: 8, RID: place.RID, Version: 3},
	}
	for what, ad := range moved {
		if _, err := s.Open(nil, sealed, ad); !fault.Is(err, fault.Internal) {
			t.Errorf("another %s: %v", what, err)
		}
	}
	other := sealer(t, v, 8)
	if _, err := other.Open(nil, sealed, vault.AD{Tenant: 8, RID: place.RID, Version: 3}); !fault.Is(err, fault.Internal) {
		t.Errorf("another tenant's sealer: %v", err)
	}
	if _, err := s.Seal(nil, nil, vault.AD{Tenant: 8}); !fault.Is(err, fault.Internal) {
		t.Errorf("sealing for another tenant: %v", err)
	}
}

func TestEveryChangedBitIsFound(t *testing.T) {
	v := open(t, dbtest.SQLite(t), vault.Options{KeyFile: keyFile(t)})
	s := sealer(t, v, place.Tenant)
	sealed := seal(t, v, place, `{"resourceType":"Patient","id":"a","gender":"other"}`)
	for i := range len(sealed) * 8 {
		bad := bytes.Clone(sealed)
		bad[i/8] ^= 1 << (i % 8)
		if _, err := s.Open(nil, bad, place); !fault.Is(err, fault.Internal) {
			t.Fatalf("bit %d: %v", i, err)
		}
	}
	for n := range sealed {
		if _, err := s.Open(nil, sealed[:n], place); !fault.Is(err, fault.Internal) {
			t.Fatalf("cut to %d bytes: %v", n, err)
		}
	}
}

func FuzzOpen(f *testing.F) {
	s := sealer(f, open(f, dbtest.SQLite(f), vault.Options{KeyFile: keyFile(f)}), 7)
	f.Add([]byte{})
	f.Add(make([]byte, vault.Overhead))
	f.Fuzz(func(t *testing.T, sealed []byte) {
		if _, err := s.Open(nil, sealed, place); !fault.Is(err, fault.Internal) {
			t.Errorf("got %v", err)
		}
	})
}

func TestTheSameTextTwiceLooksDifferent(t *testing.T) {
	v := open(t, dbtest.SQLite(t), vault.Options{KeyFile: keyFile(t)})
	if bytes.Equal(seal(t, v, place, "same"), seal(t, v, place, "same")) {
		t.Error("two envelopes of one text are equal")
	}
}

func TestRotation(t *testing.T) {
	dbtest.Both(t, func(t *testing.T, d *db.DB) {
		options := vault.Options{KeyFile: keyFile(t)}
		v, elsewhere := open(t, d, options), open(t, d, options)
		old := seal(t, v, place, "old")
		seed := sealer(t, v, place.Tenant).Seed()
		foreign := sealer(t, elsewhere, place.Tenant)
		if err := v.Rotate(t.Context(), place.Tenant); err != nil {
			t.Fatal(err)
		}
		fresh := seal(t, v, place, "new")
		if bytes.Equal(old[1:5], fresh[1:5]) {
			t.Error("the key id stayed")
		}
		for text, sealed := range map[string][]byte{"old": old, "new": fresh} {
			for name, s := range map[string]*vault.Sealer{"here": sealer(t, v, place.Tenant), "in another process": foreign} {
				if got, err := s.Open(nil, sealed, place); err != nil || string(got) != text {
					t.Errorf("%s, %s: %q, %v", text, name, got, err)
				}
			}
		}
		if sealer(t, v, place.Tenant).Seed() != seed {
			t.Error("rotation changed the seed of the index")
		}
	})
}

func TestDerivedKeys(t *testing.T) {
	d, options := dbtest.SQLite(t), vault.Options{KeyFile: keyFile(t)}
	v := open(t, d, options)
	seen := map[[32]byte]string{}
	for tenant := int32(1); tenant < 4; tenant++ {
		for _, purpose := range []string{"index", "cursor", "ledger"} {
			key := sealer(t, v, tenant).Derive(purpose)
			name := fmt.Sprint(tenant, purpose)
			if other, ok := seen[key]; ok {
				t.Errorf("%s and %s have the same key", name, other)
			}
			seen[key] = name
			if again := sealer(t, open(t, d, options), tenant).Derive(purpose); again != key {
				t.Errorf("%s changed", name)
			}
		}
	}
}

func TestSignatures(t *testing.T) {
	dbtest.Both(t, func(t *testing.T, d *db.DB) {
		options := vault.Options{KeyFile: keyFile(t)}
		key, err := open(t, d, options).SignKey(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		again, err := open(t, d, options).SignKey(t.Context())
		if err != nil || !again.Equal(key) {
			t.Errorf("the key changed: %v", err)
		}
		public := key.Public().(ed25519.PublicKey)
		signature := ed25519.Sign(key, []byte("text"))
		if err := vault.Verify(public, []byte("text"), signature); err != nil {
			t.Error(err)
		}
		for _, err := range []error{
			vault.Verify(public, []byte("Text"), signature),
			vault.Verify(public, []byte("text"), signature[:63]),
			vault.Verify(public[:31], []byte("text"), signature),
		} {
			if !fault.Is(err, fault.Unprocessable) {
				t.Errorf("got %v", err)
			}
		}
	})
}

func TestProcessesMakeOneKey(t *testing.T) {
	dbtest.Both(t, func(t *testing.T, d *db.DB) {
		options := vault.Options{KeyFile: keyFile(t)}
		migrate(t, d)
		vaults := make([]*vault.Vault, 8)
		var wait sync.WaitGroup
		for i := range vaults {
			wait.Go(func() {
				var err error
				if vaults[i], err = vault.Open(t.Context(), d, options); err != nil {
					t.Error(err)
					return
				}
				if _, err := vaults[i].Sealer(t.Context(), place.Tenant); err != nil {
					t.Error(err)
				}
			})
		}
		wait.Wait()
		if t.Failed() {
			return
		}
		sealed := seal(t, vaults[0], place, "text")
		for i, v := range vaults {
			if got, err := sealer(t, v, place.Tenant).Open(nil, sealed, place); err != nil || string(got) != "text" {
				t.Errorf("vault %d: %q, %v", i, got, err)
			}
			if sealer(t, v, place.Tenant).Seed() != sealer(t, vaults[0], place.Tenant).Seed() {
				t.Errorf("vault %d has another seed", i)
			}
		}
	})
}

func TestInstallationKey(t *testing.T) {
	ctx := t.Context()
	file := keyFile(t)
	d := dbtest.SQLite(t)
	sealed := seal(t, open(t, d, vault.Options{KeyFile: file}), place, "text")
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(file); err != nil || (info.Mode().Perm() != 0o600 && runtime.GOOS != "windows") {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}

	fromEnv := sealer(t, open(t, d, vault.Options{Key: string(text)}), place.Tenant)
	if got, err := fromEnv.Open(nil, sealed, place); err != nil || string(got) != "text" {
		t.Errorf("the same key from the environment: %q, %v", got, err)
	}

	wrong := base64.StdEncoding.EncodeToString(make([]byte, 32))
	loose, short := filepath.Join(t.TempDir(), "loose"), filepath.Join(t.TempDir(), "short")
	for path, mode := range map[string]os.FileMode{loose: 0o644, short: 0o600} {
		if err := os.WriteFile(path, text[:len(text)/2], mode); err != nil {
			t.Fatal(err)
		}
	}
	cases := []struct {
		name string
		o    vault.Options
		kind fault.Kind
		text string
	}{
		{"another key", vault.Options{Key: wrong}, fault.Unavailable, "FICUS_KEY holds another"},
		{"a key that is none", vault.Options{Key: "hello"}, fault.Invalid, "FICUS_KEY holds no installation key"},
		{"half a key file", vault.Options{KeyFile: short}, fault.Invalid, "short holds no installation key"},
		{"a key file open to all", vault.Options{KeyFile: loose}, fault.Unavailable, "chmod 600"},
		{"a missing file", vault.Options{KeyFile: file + ".moved"}, fault.Unavailable, "which is missing: restore"},
		{"nothing", vault.Options{}, fault.Unavailable, "which is missing"},
	}
	for _, c := range cases {
		_, err := vault.Open(ctx, d, c.o)
		if !fault.Is(err, c.kind) || !strings.Contains(err.Error(), c.text) {
			t.Errorf("%s: %v (%v)", c.name, err, fault.Of(err))
		}
		if err != nil && strings.Contains(err.Error(), strings.TrimSpace(string(text))[:8]) {
			t.Errorf("%s: the error shows the key", c.name)
		}
	}
	if _, err := os.Stat(file + ".moved"); err == nil {
		t.Error("a key was made for a database that needs another one")
	}
	fresh := dbtest.SQLite(t)
	migrate(t, fresh)
	if _, err := vault.Open(ctx, fresh, vault.Options{}); !fault.Is(err, fault.Invalid) {
		t.Errorf("no key at all: %v", err)
	}
}

func TestAKeyMovedInTheDatabaseIsFound(t *testing.T) {
	d, options := dbtest.SQLite(t), vault.Options{KeyFile: keyFile(t)}
	sealer(t, open(t, d, options), 1)
	if _, err := d.Exec(t.Context(), db.Same("UPDATE vault_key SET tenant = 2")); err != nil {
		t.Fatal(err)
	}
	if _, err := open(t, d, options).Sealer(t.Context(), 2); !fault.Is(err, fault.Internal) {
		t.Errorf("got %v", err)
	}
}

func keyFile(t testing.TB) string { return filepath.Join(t.TempDir(), "ficus.key") }

func migrate(t testing.TB, d *db.DB) {
	t.Helper()
	if err := vault.Migrate(t.Context(), d); err != nil {
		t.Fatal(err)
	}
}

func open(t testing.TB, d *db.DB, o vault.Options) *vault.Vault {
	t.Helper()
	migrate(t, d)
	o.Now = func() time.Time { return time.Unix(1_700_000_000, 0) }
	v, err := vault.Open(t.Context(), d, o)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func sealer(t testing.TB, v *vault.Vault, tenant int32) *vault.Sealer {
	t.Helper()
	s, err := v.Sealer(t.Context(), tenant)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func seal(t testing.TB, v *vault.Vault, ad vault.AD, text string) []byte {
	t.Helper()
	sealed, err := sealer(t, v, ad.Tenant).Seal(nil, []byte(text), ad)
	if err != nil {
		t.Fatal(err)
	}
	return sealed
}

// patient is a made-up resource of about 3.7 kB.
func patient(t testing.TB) []byte {
	t.Helper()
	p := map[string]any{
		"resourceType": "Patient", "id": "5cbc121b-cd71-4428-b8b7-31e53eba8184", "gender": "female", "birthDate": "1968-02-29",
		"meta": map[string]any{"versionId": "3", "lastUpdated": "2026-01-31T12:34:56.789Z"},
		"text": map[string]any{"status": "generated", "div": `<div xmlns="http://www.w3.org/1999/xhtml">Made up</div>`},
	}
	for i := range 12 {
		p["identifier"] = append(list(p["identifier"]), map[string]any{
			"system": fmt.Sprintf("https://hospital-%d.example.org/mrn", i), "value": fmt.Sprint(982451653 * (i + 1)), "type": map[string]any{
				"coding": []any{map[string]any{"system": "http://terminology.hl7.org/CodeSystem/v2-0203", "code": "MR"}}}})
		p["telecom"] = append(list(p["telecom"]), map[string]any{"system": "phone", "use": "home", "value": fmt.Sprintf("555-%04d", i*i*37)})
	}
	text, err := json.Marshal(p)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func list(v any) []any {
	l, _ := v.([]any)
	return l
}

func BenchmarkSeal(b *testing.B) {
	s, plain := sealer(b, open(b, dbtest.SQLite(b), vault.Options{KeyFile: keyFile(b)}), 7), patient(b)
	sealed, err := s.Seal(nil, plain, place)
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	b.SetBytes(int64(len(plain)))
	for b.Loop() {
		if _, err := s.Seal(nil, plain, place); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(len(plain))/float64(len(sealed)), "ratio")
}

func BenchmarkOpen(b *testing.B) {
	s, plain := sealer(b, open(b, dbtest.SQLite(b), vault.Options{KeyFile: keyFile(b)}), 7), patient(b)
	sealed, err := s.Seal(nil, plain, place)
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	b.SetBytes(int64(len(plain)))
	for b.Loop() {
		if _, err := s.Open(nil, sealed, place); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkOpenVault(b *testing.B) {
	d, options := dbtest.SQLite(b), vault.Options{KeyFile: keyFile(b)}
	seal(b, open(b, d, options), place, "x")
	for b.Loop() {
		v, err := vault.Open(b.Context(), d, options)
		if err != nil {
			b.Fatal(err)
		}
		if _, err := v.Sealer(b.Context(), place.Tenant); err != nil {
			b.Fatal(err)
		}
	}
}
