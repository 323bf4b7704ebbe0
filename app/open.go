package app

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/ficushealth/ficus/care"
	"github.com/ficushealth/ficus/care/accounts"
	"github.com/ficushealth/ficus/engine/alert"
	"github.com/ficushealth/ficus/engine/audit"
	"github.com/ficushealth/ficus/engine/db"
	"github.com/ficushealth/ficus/engine/jobs"
	"github.com/ficushealth/ficus/engine/operation"
	"github.com/ficushealth/ficus/engine/store"
	"github.com/ficushealth/ficus/engine/terms"
	"github.com/ficushealth/ficus/engine/vault"
	"github.com/ficushealth/ficus/fault"
)

// App is the program's parts, joined.
type App struct {
	Config Config
	Log    *slog.Logger
	Now    func() time.Time

	DB    *db.DB
	Vault *vault.Vault
	Audit *audit.Log
	Store *store.Store
	Terms *terms.Service

	Modules    care.Modules
	Operations operation.List
	Accounts   *accounts.Accounts
	Jobs       *jobs.Queue

	reading bool
	close   []func() // in the order of opening
}

// Open joins the parts over the configured database and brings its schema up to date,
// under a lock. Close must be called when it is no longer used. Nothing is served and no
// work goes on in the background yet. Faults: Unavailable if the database cannot be
// reached, is held by another process or lacks its key; Invalid for a bad setting.
func Open(ctx context.Context, c Config, log *slog.Logger) (*App, error) {
	c.Database = c.Database.withDefaults()
	a := &App{Config: c, Log: log, Now: time.Now}
	return a, a.open(ctx, a.openDB, a.finished, a.keysThere, a.openVault, a.openAudit, a.openModules, a.openStore, a.openTerms, a.openOperations)
}

func (a *App) open(ctx context.Context, parts ...func(context.Context) error) error {
	for _, part := range parts {
		if err := part(ctx); err != nil {
			a.Close()
			return a.at(err)
		}
	}
	return nil
}

// at adds to a fault of opening which database it is about, where the fault does not say so itself.
func (a *App) at(err error) error {
	url := db.Redact(a.Config.DB)
	if strings.Contains(err.Error(), strings.TrimPrefix(url, "sqlite:")) {
		return err
	}
	return fmt.Errorf("%w (--db %s)", err, url)
}

// OpenReading opens database and vault for looking only, which is possible beside the
// process that holds the file; Store, Audit and modules are not there. Faults: as Open.
func OpenReading(ctx context.Context, c Database) (*App, error) {
	a := &App{Config: Config{Database: c.withDefaults()}, Log: slog.New(slog.DiscardHandler), Now: time.Now, reading: true}
	if err := a.there(); err != nil {
		return nil, err
	}
	return a, a.open(ctx, a.openDB, a.finished, a.keysThere, a.used, a.known, a.openVault, a.openAccounts)
}

// there refuses a SQLite file that does not exist: nothing is made by looking.
func (a *App) there() error {
	path, isFile := strings.CutPrefix(a.Config.DB, "sqlite:")
	if !isFile {
		return nil
	}
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		return fault.New(fault.Unknown, "there is no database %s: check --db; ficus serve, load and migrate run make a new one", a.Config.DB)
	}
	return nil
}

// used refuses a database that holds nothing of ours.
func (a *App) used(ctx context.Context) error {
	has, err := vault.Used(ctx, a.DB)
	if err == nil && !has {
		err = fault.New(fault.Unknown, "the database is empty: check --db; ficus serve, load and migrate run fill one")
	}
	return err
}

// known refuses a database that a newer program has changed: what is read there could be told wrongly.
func (a *App) known(ctx context.Context) error {
	for _, own := range schemas() {
		if err := own.Migrate(ctx, a.DB); err != nil { // a database that is open for reading is only compared
			return err
		}
	}
	return nil
}

// mustExist opens nothing for good: it refuses a database that is not there or empty, before a command that would make it.
func mustExist(ctx context.Context, d Database) error {
	a, err := OpenReading(ctx, d)
	if err == nil {
		a.Close()
	}
	return err
}

// Close ends what Open began, in the opposite order: accepted writes are finished first.
func (a *App) Close() {
	for _, end := range slices.Backward(a.close) {
		end()
	}
	a.close = nil
}

func (a *App) atEnd(end func()) { a.close = append(a.close, end) }

func (a *App) openDB(ctx context.Context) (err error) {
	o := a.Config.dbOptions()
	o.ReadOnly = a.reading
	o.Slow, o.OnSlow = a.Config.Slow, a.slow
	a.DB, err = db.Open(ctx, a.Config.DB, o)
	if fault.Is(err, fault.Unavailable) && !strings.HasPrefix(a.Config.DB, "sqlite:") {
		err = fmt.Errorf("%w; check --db, and that the database server runs and lets this user in", err)
	}
	if err != nil {
		return err
	}
	a.atEnd(func() {
		if err := a.DB.Close(); err != nil {
			a.Log.Error("the database was not closed cleanly", slog.Any("error", err))
		}
	})
	return nil
}

func (a *App) slow(s db.Slow) {
	a.Log.Warn("a slow call of the database", slog.Duration("took", s.Took), slog.String("statement", s.Statement),
		slog.String("plan", strings.Join(s.Plan, "\n")), slog.Any("error", s.Err))
}

func (c Config) dbOptions() db.Options {
	o := db.Options{MaxConns: c.DBConns, Readers: c.DBConns, StatementTimeout: c.Timeout, Params: store.PostgresSettings()}
	switch c.Durability {
	case "normal":
		o.Durability = db.Normal
	case "off":
		o.Durability = db.Off
	}
	return o
}

func (a *App) openVault(ctx context.Context) (err error) {
	if err := a.migrateVault(ctx); err != nil {
		return err
	}
	key := cmp.Or(a.Config.Key, os.Getenv("FICUS_KEY"))
	a.Vault, err = vault.Open(ctx, a.DB, vault.Options{Key: key, KeyFile: a.Config.keyFile(), Now: a.Now})
	return err
}

// keysThere refuses a database that has lost the keys of a tenant. A tenant's keys are made before it, so new ones would open
// nothing of what is there.
func (a *App) keysThere(ctx context.Context) error {
	tenants, err := accounts.Numbers(ctx, a.DB)
	if err != nil {
		return err
	}
	for _, t := range tenants {
		known, err := vault.Known(ctx, a.DB, t)
		if err == nil && !known {
			err = fault.New(fault.Unavailable, "the keys of tenant %d are missing from the database (table vault_key): restore them from a backup; nothing that was sealed can be opened without them, and new ones are not made", t)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (a *App) migrateVault(ctx context.Context) error {
	if a.reading {
		return nil
	}
	return vault.Migrate(ctx, a.DB)
}

func (a *App) openAudit(ctx context.Context) error {
	if err := audit.Migrate(ctx, a.DB); err != nil {
		return err
	}
	if err := alert.Migrate(ctx, a.DB); err != nil {
		return err
	}
	a.Audit = audit.NewLog(a.DB, auditKeys(a.Vault), audit.Options{Now: a.Now})
	a.atEnd(a.Audit.Close)
	return nil
}

func (a *App) openStore(ctx context.Context) (err error) {
	a.Store, err = store.Open(ctx, a.DB, store.Options{
		Vault: a.Vault, Audit: a.Audit, Now: a.Now, Rules: a.Modules.Rules(), Validate: a.validation(), Base: a.Config.ownBase(),
		DanglingReferences: a.Config.Dangling, Settings: a.chosen, DeleteMany: a.Config.DeleteMany,
		OwnParams: a.Config.OwnParams, Jobs: a.Jobs, Sources: a.sources(),
	})
	if err == nil {
		a.atEnd(a.Store.Close)
	}
	return err
}
