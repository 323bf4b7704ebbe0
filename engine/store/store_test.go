package store_test

import (
	"testing"

	"github.com/ficushealth/ficus/engine/db"
	"github.com/ficushealth/ficus/engine/db/dbtest"
	"github.com/ficushealth/ficus/engine/store"
	"github.com/ficushealth/ficus/engine/store/storetest"
)

func TestConformance(t *testing.T) {
	t.Run("sqlite", func(t *testing.T) { storetest.Run(t, opener(dbtest.SQLiteURL)) })
	t.Run("postgres", func(t *testing.T) { storetest.Run(t, opener(dbtest.PostgresURL)) })
}

// TestNodes opens the database twice, as two processes do.
func TestNodes(t *testing.T) {
	url, folder := dbtest.PostgresURL(t), t.TempDir()
	var stores []*store.Store
	for range 2 {
		d := dbtest.Open(t, url, db.Options{Params: store.PostgresSettings()})
		var o store.Options
		o.Vault, o.Audit = storetest.KeysIn(t, d, folder)
		stores = append(stores, openOn(t, d, o))
	}
	storetest.Nodes(t, stores...)
}

func opener(url func(testing.TB) string) storetest.Open {
	return func(t *testing.T, o store.Options) *store.Store {
		return openOn(t, dbtest.Open(t, url(t), db.Options{Params: store.PostgresSettings()}), o)
	}
}

func openOn(t testing.TB, d *db.DB, o store.Options) *store.Store {
	if o.Vault == nil {
		o.Vault, o.Audit = storetest.Keys(t, d)
	}
	s, err := store.Open(t.Context(), d, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s
}
