package app

import (
	"cmp"
	"context"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/ficushealth/ficus/engine/audit"
	"github.com/ficushealth/ficus/engine/backup"
	"github.com/ficushealth/ficus/engine/db"
	"github.com/ficushealth/ficus/engine/vault"
)

type backupCommand struct {
	Database
	To     string `help:"File to write, or a folder, in which the file gets a name from the time. Never the folder of the key file." required:"" placeholder:"FILE|DIR"`
	KeysTo string `help:"Also write the installation key, into this new file: in another folder, and better on another disk." placeholder:"FILE"`
}

// Help is shown by --help.
func (c *backupCommand) Help() string {
	return `The file holds the database as it is at one moment; a server goes on serving meanwhile. It holds no key, and cannot be restored without the installation key: keep a copy of the key apart (--keys-to, once). The file can be restored into either kind of database.`
}

// Run writes a backup. It may run beside a server.
func (c *backupCommand) Run(ctx context.Context, s *Streams) error {
	path := c.path(time.Now())
	if err := c.apart(path); err != nil {
		return err
	}
	a, err := OpenReading(ctx, c.Database)
	if err != nil {
		return err
	}
	defer a.Close()
	key, err := c.installationKey()
	if err != nil {
		return err
	}
	for _, draft := range backup.Drafts(filepath.Dir(path)) {
		sayf(s.Err, "%s is of a backup that is being written, or was killed: remove it if none is", draft)
	}
	began := time.Now()
	w, err := backup.Save(ctx, path, backup.Source{DB: a.DB, Schemas: schemas(), Key: key, Program: Version(), Now: a.Now, Heads: heads, Progress: copied(s, "backing up")})
	if err != nil {
		return err
	}
	took := time.Since(began)
	sayf(s.Out, "%s: %s rows of %d tables, %s bytes, as of %s, in %s (%s MB/s)", path, count(w.Rows()), len(w.Tables), count(w.Bytes), instantText(w.Made), span(took),
		count(int64(float64(w.Bytes)/1e6/max(took.Seconds(), 1e-3))))
	for _, name := range w.Foreign {
		sayf(s.Out, "The table %s is not one of Ficus; it is not in the backup.", name)
	}
	a.Close() // SQLite has one process that may write
	err = c.onRecord(ctx, "backup", fmt.Sprintf("%s rows of %d tables, %s bytes, as of %s, to %s", count(w.Rows()), len(w.Tables), count(w.Bytes), instantText(w.Made), whole(path)))
	tellUnrecorded(s, "The backup", err)
	return c.saveKey(s, key)
}

// whole is a path from the root.
func whole(path string) string {
	if abs, err := filepath.Abs(path); err == nil {
		return abs
	}
	return path
}

// path is the file that is meant.
func (c *backupCommand) path(now time.Time) string {
	if info, err := os.Stat(c.To); err == nil && info.IsDir() {
		return filepath.Join(c.To, "ficus-"+now.UTC().Format("20060102T150405Z")+".backup")
	}
	return c.To
}

// apart refuses places where whoever takes the data takes the key with them.
func (c *backupCommand) apart(path string) error {
	if c.keyInEnvironment() == "" && sameFolder(path, c.keyFile()) {
		return usage("--to %s is in the folder of the key file %s: whoever has both can read everything; name another folder", c.To, c.keyFile())
	}
	if c.KeysTo != "" && sameFolder(path, c.KeysTo) {
		return usage("--keys-to %s is in the folder of the backup: whoever has both can read everything; name another folder, better on another disk", c.KeysTo)
	}
	if _, err := os.Lstat(c.KeysTo); c.KeysTo != "" && err == nil {
		return usage("--keys-to %s is there already: a key is written once; leave the flag out, or name another file", c.KeysTo)
	}
	return nil
}

func sameFolder(a, b string) bool {
	x, errX := os.Stat(filepath.Dir(a))
	y, errY := os.Stat(filepath.Dir(b))
	return errX == nil && errY == nil && os.SameFile(x, y)
}

func (c *backupCommand) saveKey(s *Streams, key vault.InstallationKey) error {
	if c.KeysTo == "" {
		return nil
	}
	if err := key.Save(c.KeysTo); err != nil {
		return err
	}
	sayf(s.Out, "%s: the installation key %s. Keep it apart from the backup; without it the backup cannot be restored.", c.KeysTo, key.ID)
	return nil
}

func (d Database) keyInEnvironment() string { return cmp.Or(d.Key, os.Getenv("FICUS_KEY")) }

// installationKey reads the key outside of the database, and never makes one.
func (d Database) installationKey() (vault.InstallationKey, error) {
	d = d.withDefaults()
	return vault.ReadKey(vault.Options{Key: d.keyInEnvironment(), KeyFile: d.keyFile()})
}

// heads are the ends of the audit chains, for the manifest of a backup.
func heads(ctx context.Context, t db.Tx) (list []backup.Head, err error) {
	all, err := audit.Heads(ctx, t)
	for _, h := range all {
		list = append(list, backup.Head{Tenant: h.Tenant, Block: h.Block, Hash: hex.EncodeToString(h.Hash[:]), Last: h.Last})
	}
	return list, err
}

// copied tells now and then how far a copy is.
func copied(s *Streams, verb string) func(backup.Progress) {
	told := time.Now()
	return func(p backup.Progress) {
		if now := time.Now(); now.Sub(told) >= every {
			told = now
			sayf(s.Err, "%s: table %d of %d (%s), %s rows so far", verb, p.At, p.Tables, p.Table, count(p.Rows))
		}
	}
}

// finished refuses a database into which a backup was not restored to the end.
func (a *App) finished(ctx context.Context) error { return backup.Finished(ctx, a.DB) }
