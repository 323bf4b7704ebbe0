package app

import (
	"log/slog"
	"path/filepath"
	"strings"
	"testing"

	"github.com/ficushealth/ficus/care/accounts"
	"github.com/ficushealth/ficus/engine/access"
	"github.com/ficushealth/ficus/engine/db/dbtest"
	"github.com/ficushealth/ficus/fault"
	"github.com/ficushealth/ficus/fhir"
)

// TestIntegrityIsATenantsChoice: what is set on the command line holds for writes, and default is what the installation says.
func TestIntegrityIsATenantsChoice(t *testing.T) {
	url := dbtest.SQLiteURL(t)
	key := filepath.Join(filepath.Dir(strings.TrimPrefix(url, "sqlite:")), "key")
	where := []string{"--db", url, "--key-file", key}
	admin := func(args ...string) (int, string, string) {
		return ficus(t, append(append([]string{"admin"}, args...), where...)...)
	}
	r, err := fhir.Parse([]byte(`{"resourceType":"Observation","id":"o","status":"final","code":{"text":"x"},"subject":{"reference":"Patient/none"}}`), fhir.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		value     string
		installed bool // dangling references
		refused   bool
	}{{"off", false, false}, {"on", true, true}, {"default", true, false}, {"default", false, true}} {
		if code, out, err := admin("set", "integrity", c.value); code != exitDone || out != "integrity\t"+c.value+"\n" {
			t.Fatal(code, out, err)
		}
		if _, out, _ := admin("settings"); !strings.Contains(out, "integrity\t"+c.value+"\n") {
			t.Error(out)
		}
		a, err := Open(t.Context(), Config{Database: Database{DB: url, KeyFile: key, Dangling: c.installed}}, slog.New(slog.DiscardHandler))
		if err != nil {
			t.Fatal(err)
		}
		_, err = a.Store.As(access.Inside(accounts.First, "test")).Update(t.Context(), r)
		if fault.Is(err, fault.Unprocessable) != c.refused || !c.refused && err != nil {
			t.Errorf("%+v: %v", c, err)
		}
		a.Close()
	}
	if code, _, _ := admin("set", "integrity", "maybe"); code != exitFailed {
		t.Error(code)
	}
}
