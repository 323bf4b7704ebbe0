package vault_test

import (
	"errors"
	"os"
	"testing"

	"github.com/ficushealth/ficus/engine/db"
	"github.com/ficushealth/ficus/engine/db/dbtest"
	"github.com/ficushealth/ficus/engine/vault"
	"github.com/ficushealth/ficus/fault"
)

// TestKeysAreWrappedAnew under a new installation key: what was sealed opens with it and no more with the old one. What is
// interrupted is done again.
func TestKeysAreWrappedAnew(t *testing.T) {
	dbtest.Both(t, func(t *testing.T, d *db.DB) {
		old, fresh := vault.Options{KeyFile: keyFile(t)}, vault.Options{KeyFile: keyFile(t)}
		v := open(t, d, old)
		sealed := seal(t, v, place, "text")
		tokens, err := v.TokenKeys(t.Context())
		if err != nil || v.Rotate(t.Context(), place.Tenant) != nil {
			t.Fatal(err)
		}
		to, err := vault.NewKey(fresh.KeyFile)
		if err != nil {
			t.Fatal(err)
		}
		stopped := errors.New("stopped")
		if _, err := v.Rewrap(t.Context(), to, func(p *db.Pipe) { p.Fail(stopped) }); !errors.Is(err, stopped) {
			t.Fatal(err)
		}
		v = open(t, d, old) // nothing has changed
		again, err := vault.NewKey(fresh.KeyFile)
		if err != nil || again.ID != to.ID {
			t.Fatalf("%v: the file has another key, %s", err, again.ID)
		}
		serving := open(t, d, old)
		n, err := v.Rewrap(t.Context(), to, func(*db.Pipe) {})
		if err != nil || n != 5 { // two for sealing, one for deriving, two for tokens
			t.Fatal(n, err)
		}
		if _, err := vault.Open(t.Context(), d, old); !fault.Is(err, fault.Unavailable) {
			t.Errorf("with the old key: %v", err)
		}
		if _, err := serving.Sealer(t.Context(), place.Tenant); !fault.Is(err, fault.Unavailable) {
			t.Errorf("in a process that has the old key: %v", err)
		}
		v = open(t, d, fresh)
		if got, err := sealer(t, v, place.Tenant).Open(nil, sealed, place); err != nil || string(got) != "text" {
			t.Errorf("%q, %v", got, err)
		}
		if now, err := v.TokenKeys(t.Context()); err != nil || len(now) != len(tokens) || now[0].ID != tokens[0].ID {
			t.Error(now, err)
		}
		if _, err := v.Rewrap(t.Context(), to, func(*db.Pipe) {}); !fault.Is(err, fault.Conflict) {
			t.Errorf("again: %v", err)
		}
	})
}

// TestANewKeyIsNotTakenFromWhereItIsNot: what lies in the way is neither used nor written over.
func TestANewKeyIsNotTakenFromWhereItIsNot(t *testing.T) {
	path := keyFile(t)
	if err := os.WriteFile(path, []byte("hello"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := vault.NewKey(path); !fault.Is(err, fault.Invalid) {
		t.Error(err)
	}
	if text, err := os.ReadFile(path); err != nil || string(text) != "hello" {
		t.Error(string(text), err)
	}
}
