package app

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/ficushealth/ficus/engine/audit"
	"github.com/ficushealth/ficus/engine/backup"
	"github.com/ficushealth/ficus/engine/db"
	"github.com/ficushealth/ficus/engine/store"
)

type restoreCommand struct {
	Database
	Address
	From    string `help:"Backup to restore into --db, which must be empty." placeholder:"FILE" xor:"what" required:""`
	Check   string `help:"Restore this backup into a scratch place, look at it, and remove it. --db is not touched." placeholder:"FILE" xor:"what" required:""`
	Scratch string `help:"Folder for the scratch place of --check, which needs about three times the room of the backup. Empty: the folder for temporary files." placeholder:"DIR"`
	Anchor  string `name:"audit-anchor" help:"Compare the audit with this anchor file (ficus serve --audit-anchor): what it knows and the backup does not is what was lost." placeholder:"FILE"`
}

// Help is shown by --help.
func (c *restoreCommand) Help() string {
	return `The backup is read to its end and compared with its seal before anything is written. --db may be of the other kind than the database that was backed up: so this is also the way from SQLite to PostgreSQL, and back. All rows are read back and compared; then the audit is verified, and the search index of a sample.

A restore that was killed leaves a database that nothing opens: remove it and restore again.`
}

// Run restores, or tries to.
func (c *restoreCommand) Run(ctx context.Context, s *Streams) error {
	key, err := c.installationKey()
	if err != nil {
		return err
	}
	path := c.From + c.Check
	bar := newBar(s, "checking", "bytes")
	archive, err := backup.Open(path, key, bar.set)
	bar.end()
	if err != nil {
		return err
	}
	sayf(s.Out, "%s is whole: made by ficus %s on %s, as of %s, %s rows of %d tables", path, archive.Program, kindText(archive.Database), instantText(archive.Made),
		count(archive.Rows()), len(archive.Tables))
	if c.Check != "" {
		return c.try(ctx, s, archive)
	}
	if err := c.restore(ctx, s, archive); err != nil {
		return err
	}
	err = c.onRecord(ctx, "restore", fmt.Sprintf("%s rows of %d tables, as of %s, from %s", count(archive.Rows()), len(archive.Tables), instantText(archive.Made), whole(path)))
	tellUnrecorded(s, "The restore", err)
	return nil
}

func kindText(dialect string) string {
	if dialect == db.Postgres.String() {
		return "PostgreSQL"
	}
	return "SQLite"
}

// try restores into a scratch place, and removes it however it ends.
func (c *restoreCommand) try(ctx context.Context, s *Streams, archive *backup.Archive) (err error) {
	dir, err := os.MkdirTemp(c.Scratch, "ficus-restore-*") // mode 0700
	if err != nil {
		return unfit("there is no scratch place: %v", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	scratch := *c
	scratch.KeyFile = c.withDefaults().keyFile()
	scratch.DB = "sqlite:" + filepath.Join(dir, "scratch.db")
	if err := scratch.restore(ctx, s, archive); err != nil {
		return err
	}
	sayf(s.Out, "The backup can be restored. The scratch place is removed.")
	return nil
}

func (c *restoreCommand) restore(ctx context.Context, s *Streams, archive *backup.Archive) error {
	began := time.Now()
	if err := c.fill(ctx, s, archive); err != nil {
		return err
	}
	took := time.Since(began)
	sayf(s.Out, "Restored into %s and read back, in %s (%s rows/s)", db.Redact(c.DB), span(took), count(int64(float64(archive.Rows())/max(took.Seconds(), 1e-3))))
	a, err := OpenReading(ctx, c.Database)
	if err != nil {
		return err
	}
	defer a.Close()
	return c.look(ctx, s, a)
}

// fill puts the rows into the database. Until they are on the disk and compared, nothing is promised, so they need not be synced one by one.
func (c *restoreCommand) fill(ctx context.Context, s *Streams, archive *backup.Archive) (err error) {
	d, err := db.Open(ctx, c.DB, db.Options{Durability: db.Normal, Params: map[string]string{"statement_timeout": "0"}})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, d.Close()) }()
	return archive.Restore(ctx, backup.Target{DB: d, Schemas: schemas(), Now: time.Now, Progress: copied(s, "restoring")})
}

// look verifies what the restored database holds, tenant by tenant.
func (c *restoreCommand) look(ctx context.Context, s *Streams, a *App) error {
	list, err := a.Accounts.Tenants(ctx)
	if err != nil {
		return err
	}
	for _, t := range list {
		if len(list) > 1 {
			sayf(s.Out, "Tenant %s", t.Name)
		}
		tenancy := &Tenancy{a, t.ID}
		err = errors.Join(err, c.lookAtAudit(ctx, s, tenancy), c.lookAtIndex(ctx, s, tenancy))
	}
	return err
}

// lookAtAudit verifies the audit. That the anchor knows more than a backup is no fault of the backup: it is what was written after it.
func (c *restoreCommand) lookAtAudit(ctx context.Context, s *Streams, a *Tenancy) error {
	report, err := audit.Verify(ctx, a.DB, auditKeys(a.Vault), a.Tenant, c.Anchor)
	if err != nil {
		return err
	}
	newest, err := store.Newest(ctx, a.DB, a.Tenant)
	if err != nil {
		return err
	}
	later := aheadOf(report)
	unaudited(report, newest)
	if err := tell(s.Out, report, c.Anchor != "" && !later); err != nil {
		return err
	}
	if later {
		sayf(s.Out, "The anchor is ahead: the entries of its last %d blocks, until %s, are not in this backup, and neither is what they tell of.", report.Anchored-report.Blocks, instantText(report.AnchoredAt))
		sayf(s.Out, "Keep that anchor file, and give the server a new one (--audit-anchor): from here on the audit goes another way.")
	}
	return nil
}

// aheadOf takes from the report that the chain ends before the anchor, and tells whether it did.
func aheadOf(r *audit.Report) bool {
	n := len(r.Problems)
	r.Problems = slices.DeleteFunc(r.Problems, func(p audit.Problem) bool { return p.Harm == audit.Truncated })
	return len(r.Problems) < n
}

// sample is how many resources have their index rows compared.
const sample = 1000

// lookAtIndex opens resources of the tenant and compares their index rows: that shows that keys, bodies and index belong together.
func (c *restoreCommand) lookAtIndex(ctx context.Context, s *Streams, a *Tenancy) error {
	st, err := store.OpenReading(ctx, a.DB, store.Options{Vault: a.Vault, Base: c.ownBase(), Log: a.Log})
	if err != nil {
		return err
	}
	after, err := store.Middle(ctx, a.DB, a.Tenant)
	if err != nil {
		return err
	}
	report, err := st.CheckIndex(ctx, a.Tenant, after, sample)
	if err != nil {
		return err
	}
	if n := len(report.Damaged); n > 0 {
		return unfit("%s of %s resources cannot be opened", count(int64(n)), count(int64(report.Checked)))
	}
	if n := len(report.Faults); n > 0 {
		return unfit("the index rows of a sample of %s resources have %s faults: ficus admin index check tells more (see --base-url too)", count(int64(report.Checked)), count(int64(n)))
	}
	sayf(s.Out, "%s resources opened and their index rows compared: all fit", count(int64(report.Checked)))
	return nil
}
