package app

import (
	"cmp"
	"context"
	"log/slog"
	"os"
	"os/user"
	"time"

	"github.com/ficushealth/ficus/care/accounts"
	"github.com/ficushealth/ficus/engine/access"
	"github.com/ficushealth/ficus/engine/audit"
	"github.com/ficushealth/ficus/engine/vault"
)

// onRecord puts into the audit of the first tenant what a command did with the database as a whole. It changes nothing else: the
// tables stay of the version that they are. Faults: Unavailable if another process holds a SQLite file; those of the database.
func (d Database) onRecord(ctx context.Context, action, detail string) (err error) {
	a := &App{Config: Config{Database: d.withDefaults()}, Log: slog.New(slog.DiscardHandler), Now: time.Now}
	if err := a.open(ctx, a.openDB, a.finished); err != nil {
		return err
	}
	defer a.Close()
	key := cmp.Or(a.Config.Key, os.Getenv("FICUS_KEY"))
	if a.Vault, err = vault.Open(ctx, a.DB, vault.Options{Key: key, KeyFile: a.Config.keyFile(), Now: a.Now}); err != nil {
		return err
	}
	log := audit.NewLog(a.DB, auditKeys(a.Vault), audit.Options{Now: a.Now})
	defer log.Close()
	e := audit.Of(access.Inside(accounts.First, action), action, a.Now(), audit.Thing{Type: "Backup"})
	e.Name, e.Detail = operatorName(), detail
	return log.Record(ctx, e)
}

// operatorName is who runs the command, as the operating system calls him.
func operatorName() string {
	u, err := user.Current()
	if err != nil {
		return ""
	}
	host, _ := os.Hostname() // without one, the name stands alone
	return u.Username + "@" + host
}

// tellUnrecorded says that something was done and is not on record.
func tellUnrecorded(s *Streams, what string, err error) {
	if err != nil {
		sayf(s.Err, "%s is not on record in the audit: %v", what, err)
	}
}
