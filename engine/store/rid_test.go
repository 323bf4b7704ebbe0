package store

import (
	"testing"

	"github.com/ficushealth/ficus/engine/audit"
	"github.com/ficushealth/ficus/engine/db"
	"github.com/ficushealth/ficus/engine/db/dbtest"
	"github.com/ficushealth/ficus/engine/vault"
)

// bare opens a store without the helpers of storetest, which are outside of this package.
func bare(t *testing.T, d *db.DB) *Store {
	if err := vault.Migrate(t.Context(), d); err != nil {
		t.Fatal(err)
	}
	if err := audit.Migrate(t.Context(), d); err != nil {
		t.Fatal(err)
	}
	v, err := vault.Open(t.Context(), d, vault.Options{KeyFile: t.TempDir() + "/key"})
	if err != nil {
		t.Fatal(err)
	}
	log := audit.NewLog(d, func(int32) ([32]byte, error) { return [32]byte{}, nil }, audit.Options{})
	t.Cleanup(log.Close)
	s, err := Open(t.Context(), d, Options{Vault: v, Audit: log})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s
}

// TestNumbersOfALostBlockAreNotGivenOut lets the commit of a block fail at its very end, as a full disk does.
func TestNumbersOfALostBlockAreNotGivenOut(t *testing.T) {
	d := dbtest.Postgres(t)
	bare(t, d)
	exec := func(sql string) {
		t.Helper()
		if _, err := d.Exec(t.Context(), db.Same(sql)); err != nil {
			t.Fatal(err)
		}
	}
	exec(`CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION USING ERRCODE = '53100'; END $$`)
	exec(`CREATE CONSTRAINT TRIGGER full_disk AFTER UPDATE ON store_counter DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION full_disk()`)
	one, other := &numbers{d: d}, &numbers{d: d} // two processes
	if first, err := one.takeMany(t.Context(), 1); err == nil {
		t.Fatalf("%d was given out", first)
	}
	exec(`DROP TRIGGER full_disk ON store_counter`)
	a, err := one.takeMany(t.Context(), 1)
	if err != nil {
		t.Fatal(err)
	}
	b, err := other.takeMany(t.Context(), 1)
	if err != nil || a == b {
		t.Errorf("%d and %d were given out (%v)", a, b, err)
	}
}
