package store_test

import (
	"bytes"
	"encoding/json"
	"testing"

	"github.com/ficushealth/ficus/engine/db"
	"github.com/ficushealth/ficus/engine/db/dbtest"
	"github.com/ficushealth/ficus/engine/store"
	"github.com/ficushealth/ficus/fhir"
	"github.com/ficushealth/ficus/suites"
)

// TestEveryExampleIsStoredAsItIs stores the examples and definitions of R4, without referential integrity because they
// refer to what is not among them, and reads each back.
func TestEveryExampleIsStoredAsItIs(t *testing.T) {
	dbtest.BothURLs(t, func(t *testing.T, url string) {
		d := dbtest.Open(t, url, db.Options{Params: store.PostgresSettings(), Durability: db.Off})
		desk := openOn(t, d, store.Options{DanglingReferences: true}).As(everything(t))
		files, keys := 0, map[string]bool{}
		var group []fhir.Resource
		for name, raw := range suites.Package(t, "fhir-r4-examples", "hl7.fhir.r4.examples-4.0.1.tgz") {
			r, err := fhir.Parse(raw, fhir.Limits{Bytes: 64 << 20})
			if err != nil {
				t.Errorf("%s: %v", name, err)
				continue
			}
			files++
			if keys[r.Type()+"/"+r.ID()] {
				group = storeAndRead(t, desk, group) // the same key twice: two versions
			}
			keys[r.Type()+"/"+r.ID()] = true
			if group = append(group, r); len(group) == 100 {
				group = storeAndRead(t, desk, group)
			}
			if testing.Short() && files == 500 {
				break
			}
		}
		storeAndRead(t, desk, group)
		if !testing.Short() && (files != 5306 || len(keys) != 5305) {
			t.Errorf("%d files with %d keys, want 5306 with 5305", files, len(keys))
		}
	})
}

func storeAndRead(t *testing.T, desk *store.Desk, group []fhir.Resource) []fhir.Resource {
	t.Helper()
	err := desk.Write(t.Context(), func(c *store.Change) error {
		for _, r := range group {
			c.Update(r)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range group {
		v, err := desk.Read(t.Context(), r.Type(), r.ID())
		if err != nil {
			t.Fatalf("%s/%s: %v", r.Type(), r.ID(), err)
		}
		if got := content(t, v.Body); !bytes.Equal(got, content(t, r.Raw())) {
			t.Errorf("%s/%s is not what was stored", r.Type(), r.ID())
		}
	}
	return nil
}

// content is a resource without what the server writes into meta, its members in one order and its
// numbers as they were written.
func content(t *testing.T, raw []byte) []byte {
	t.Helper()
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	var r map[string]any
	if err := d.Decode(&r); err != nil {
		t.Fatal(err)
	}
	if meta, ok := r["meta"].(map[string]any); ok {
		delete(meta, "versionId")
		delete(meta, "lastUpdated")
		if len(meta) == 0 {
			delete(r, "meta")
		}
	}
	out, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	return out
}
