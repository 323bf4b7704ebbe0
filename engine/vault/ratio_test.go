package vault_test

import (
	"bytes"
	"compress/bzip2"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/ficushealth/ficus/engine/db/dbtest"
	"github.com/ficushealth/ficus/engine/vault"
	"github.com/ficushealth/ficus/suites"
)

// TestSealedBodiesAreSmall seals the resources of two Synthea patients one by one.
func TestSealedBodiesAreSmall(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(suites.Path(t, "synthea-60"), "*-*-*.json.bz2"))
	if err != nil || len(files) < 2 {
		t.Fatalf("%d bundles, %v", len(files), err)
	}
	s := sealer(t, open(t, dbtest.SQLite(t), vault.Options{KeyFile: keyFile(t)}), place.Tenant)
	plain, sealed := 0, 0
	for _, r := range append(resources(t, files[0]), resources(t, files[1])...) {
		envelope, err := s.Seal(nil, r, place)
		if err != nil {
			t.Fatal(err)
		}
		plain, sealed = plain+len(r), sealed+len(envelope)
	}
	ratio := float64(plain) / float64(sealed)
	t.Logf("%d bytes sealed in %d: %.1f times smaller", plain, sealed, ratio)
	if ratio < 4 {
		t.Errorf("sealed bodies are only %.1f times smaller", ratio)
	}
}

func resources(t *testing.T, path string) (all [][]byte) {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var bundle struct {
		Entry []struct{ Resource json.RawMessage }
	}
	if err := json.NewDecoder(bzip2.NewReader(f)).Decode(&bundle); err != nil {
		t.Fatal(err)
	}
	for _, e := range bundle.Entry {
		var b bytes.Buffer
		if err := json.Compact(&b, e.Resource); err != nil {
			t.Fatal(err)
		}
		all = append(all, b.Bytes())
	}
	return all
}
