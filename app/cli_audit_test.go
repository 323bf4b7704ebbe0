package app

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/ficushealth/ficus/engine/audit"
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
		if code, out, err := ficus(t, verify...); code != exitDone || !strings.Contains(out, "4 entries") || !strings.Contains(out, "nothing was changed") {
			t.Errorf("beside a server: %d %s %s", code, out, err)
		}
		remove := db.Same(`DELETE FROM audit_pending WHERE counter = 2`)
		if n, err := a.DB.Exec(t.Context(), remove); err != nil || n != 1 {
			t.Fatal(n, err)
		}
		if code, out, err := ficus(t, verify...); code != exitFailed || !strings.Contains(out, "removed") || !strings.Contains(err, "not what was written") {
			t.Errorf("after a row was removed: %d %s %s", code, out, err)
		}
		for _, table := range []string{"audit_pending", "audit_block"} {
			if _, err := a.DB.Exec(t.Context(), db.Same(`DELETE FROM `+table)); err != nil {
				t.Fatal(err)
			}
		}
		if code, out, err := ficus(t, verify...); code != exitFailed || !strings.Contains(out, "the audit is empty, and the store is not") {
			t.Errorf("after all was removed: %d %s %s", code, out, err)
		}
	})
}

func TestAnAuditThatEndsBeforeTheStoreIsCutOff(t *testing.T) {
	at := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	for _, x := range []struct {
		newest  time.Time
		entries int
		want    string
	}{
		{time.Time{}, 0, ""}, {time.Time{}, 3, ""}, {at, 3, ""}, {at.Add(time.Second), 3, ""},
		{at.Add(time.Hour), 3, "cut off"}, {at, 0, "empty"},
	} {
		r := &audit.Report{Entries: x.entries, To: at}
		unaudited(r, x.newest)
		if got := fmt.Sprint(r.Problems); !strings.Contains(got, x.want) || r.OK() != (x.want == "") {
			t.Errorf("%+v: %s", x, got)
		}
	}
}

func TestAuditVerifySaysWhatTheAnchorShows(t *testing.T) {
	for _, x := range []struct {
		anchor   bool
		anchored int64
		want     string
	}{{false, 0, "Without an anchor it cannot be told"}, {true, 0, "knows no block yet"}, {true, 7, "The anchor knows block 7"}} {
		var out strings.Builder
		if err := tell(&out, &audit.Report{Anchored: x.anchored}, x.anchor); err != nil || !strings.Contains(out.String(), x.want) {
			t.Error(err, out.String())
		}
	}
}
