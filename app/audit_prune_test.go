package app

import (
	"strings"
	"testing"
	"time"

	"github.com/ficushealth/ficus/care/accounts"
	"github.com/ficushealth/ficus/engine/access"
	"github.com/ficushealth/ficus/engine/audit"
	"github.com/ficushealth/ficus/engine/db/dbtest"
)

// withPast is a program a year later: its audit has a block from its beginning, and one that is new.
func withPast(t *testing.T, url string) *App {
	t.Helper()
	a := opened(t, Config{Database: Database{DB: url}})
	sealer := audit.NewSealer(a.DB, auditKeys(a.Vault), audit.SealOptions{})
	defer sealer.Close()
	for _, at := range []time.Time{time.Now(), time.Now().AddDate(1, 0, 0)} {
		e := audit.Of(access.Inside(accounts.First, "past"), "read", at, audit.Thing{Type: "Patient", ID: "p"})
		if err := a.Audit.Record(t.Context(), e); err != nil {
			t.Fatal(err)
		}
		if _, err := sealer.Seal(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	a.Now = func() time.Time { return time.Now().AddDate(1, 0, 0) }
	return a
}

// TestRetentionIsATenantsChoice: by default nothing is old enough; a hold keeps what would be.
func TestRetentionIsATenantsChoice(t *testing.T) {
	dbtest.BothURLs(t, func(t *testing.T, url string) {
		a := withPast(t, url)
		by := access.Inside(accounts.First, "test")
		set := func(name, value string) {
			t.Helper()
			if err := a.Accounts.Choose(t.Context(), by, name, value); err != nil {
				t.Fatal(err)
			}
		}
		pruned := func() bool {
			t.Helper()
			p, err := a.pruneAudit(t.Context(), by)
			if err != nil {
				t.Fatal(err)
			}
			return p != nil
		}
		if pruned() {
			t.Error("by default something was pruned after a year")
		}
		set(accounts.AuditDays, "100")
		set(accounts.AuditHold, accounts.On)
		if pruned() {
			t.Error("something was pruned in spite of the hold")
		}
		set(accounts.AuditHold, accounts.Off)
		job := a.auditPruning()
		if err := job.Do(t.Context(), nil); err != nil || job.Every != 24*time.Hour {
			t.Fatal(err)
		}
		report, err := audit.Verify(t.Context(), a.DB, auditKeys(a.Vault), accounts.First, "")
		if err != nil || !report.OK() || report.Pruned == nil || report.Pruned.Entries < 1 {
			t.Errorf("%+v %v", report, err)
		}
	})
}

// TestTheAuditOnTheCommandLine: it is listed, pruned and verified, and that is on record.
func TestTheAuditOnTheCommandLine(t *testing.T) {
	url := dbtest.SQLiteURL(t)
	a := withPast(t, url)
	key := a.Config.KeyFile
	a.Close()
	run := func(args ...string) string {
		t.Helper()
		code, out, err := ficus(t, append(args, "--db", url, "--key-file", key)...)
		if code != exitDone {
			t.Fatal(args, code, out, err)
		}
		return out
	}
	if out := run("audit", "list", "--patient", "p"); strings.Count(out, "ficus/past") != 2 || !strings.Contains(out, "Patient/p") {
		t.Error(out)
	}
	if out := run("audit", "list", "--category", "review", "--user", "ficus/admin"); !strings.Contains(out, "AuditEvent") {
		t.Error("that it was listed is not on record: " + out)
	}
	if out := run("audit", "list", "--from", "2001-01-01", "--to", "2001-12-31"); strings.Count(out, "\n") != 1 {
		t.Error(out)
	}
	run("admin", "set", "audit-days", "30")
	if out := run("audit", "prune"); !strings.Contains(out, "nothing older than 30 days") {
		t.Error(out)
	}
	run("admin", "set", "audit-hold", "on")
	if out := run("audit", "prune"); !strings.Contains(out, "on hold") {
		t.Error(out)
	}
	if out := run("audit", "verify"); !strings.Contains(out, "The tail that is not sealed has") {
		t.Error(out)
	}
	var out strings.Builder
	if err := tell(&out, &audit.Report{Pruned: &audit.Pruned{Upto: 7}}, false); err != nil || !strings.Contains(out.String(), "Blocks up to 7 were pruned") {
		t.Error(err, out.String())
	}
	if code, _, err := ficus(t, "audit", "list", "--from", "yesterday"); code != exitUsage || !strings.Contains(err, "--from is a day") {
		t.Error(code, err)
	}
}
