package app

import (
	"strings"
	"testing"

	"github.com/ficushealth/ficus/engine/db"
	"github.com/ficushealth/ficus/engine/db/dbtest"
	"github.com/ficushealth/ficus/fhir"
)

// ficus runs a command line and returns its exit code and what it printed.
func ficus(t *testing.T, args ...string) (code int, out, err string) {
	t.Helper()
	var o, e strings.Builder
	code = Run(t.Context(), args, Streams{In: strings.NewReader(""), Out: &o, Err: &e})
	return code, o.String(), e.String()
}

func TestAuditVerifyFindsWhatWasChangedBehindItsBack(t *testing.T) {
	dbtest.BothURLs(t, func(t *testing.T, url string) {
		a := opened(t, Config{Database: Database{DB: url}})
		key := a.Config.KeyFile
		r, err := fhir.Parse([]byte(`{"resourceType":"Patient","active":true}`), fhir.Limits{})
		if err != nil {
			t.Fatal(err)
		}
		desk := a.Store.As(everything())
		for range 3 {
			if _, err := desk.Create(t.Context(), r); err != nil {
				t.Fatal(err)
			}
		}
		verify := []string{"audit", "verify", "--db", url, "--key-file", key}
		if code, out, err := ficus(t, verify...); code != exitDone || !strings.Contains(out, "3 entries") || !strings.Contains(out, "nothing was changed") {
			t.Errorf("beside a server: %d %s %s", code, out, err)
		}
		remove := db.Same(`DELETE FROM audit_pending WHERE counter = 2`)
		if n, err := a.DB.Exec(t.Context(), remove); err != nil || n != 1 {
			t.Fatal(n, err)
		}
		if code, out, err := ficus(t, verify...); code != exitFailed || !strings.Contains(out, "removed") || !strings.Contains(err, "not what was written") {
			t.Errorf("after a row was removed: %d %s %s", code, out, err)
		}
	})
}
