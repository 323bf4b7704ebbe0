package storetest

import (
	"testing"

	"github.com/ficushealth/ficus/engine/audit"
	"github.com/ficushealth/ficus/engine/db"
	"github.com/ficushealth/ficus/engine/vault"
)

// Keys opens a vault with a key of its own and an audit log on a database, for tests.
func Keys(t testing.TB, d *db.DB) (*vault.Vault, *audit.Log) {
	t.Helper()
	return KeysIn(t, d, t.TempDir())
}

// KeysIn is Keys with the key that lies, or is made, in a folder.
func KeysIn(t testing.TB, d *db.DB, folder string) (*vault.Vault, *audit.Log) {
	t.Helper()
	if err := vault.Migrate(t.Context(), d); err != nil {
		t.Fatal(err)
	}
	if err := audit.Migrate(t.Context(), d); err != nil {
		t.Fatal(err)
	}
	v, err := vault.Open(t.Context(), d, vault.Options{KeyFile: folder + "/key"})
	if err != nil {
		t.Fatal(err)
	}
	log := audit.NewLog(d, func(tenant int32) ([32]byte, error) {
		s, err := v.Sealer(t.Context(), tenant)
		if err != nil {
			return [32]byte{}, err
		}
		return s.Derive("audit"), nil
	}, audit.Options{})
	t.Cleanup(log.Close)
	return v, log
}
