package app

import (
	"context"
	"strings"
	"testing"

	"github.com/ficushealth/ficus/engine/db/dbtest"
)

// TestTheAuditIsCopied: a server seals into a second database too, with which the audit is compared.
func TestTheAuditIsCopied(t *testing.T) {
	url, second := dbtest.SQLiteURL(t), dbtest.SQLiteURL(t)
	a := opened(t, Config{Database: Database{DB: url}, AuditCopy: second})
	ctx, stop := context.WithCancel(t.Context())
	done, err := a.background(ctx)
	if err != nil {
		t.Fatal(err)
	}
	stop()
	done.Wait()
	a.Close()
	code, out, said := ficus(t, "audit", "verify", "--db", url, "--key-file", a.Config.KeyFile, "--audit-copy", second)
	if code != exitDone || !strings.Contains(out, "The anchor knows block 1") {
		t.Error(code, out, said)
	}
}
