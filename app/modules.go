package app

import (
	"context"

	"github.com/google/uuid"

	"github.com/ficushealth/ficus/care"
	"github.com/ficushealth/ficus/care/accounts"
	"github.com/ficushealth/ficus/care/caregivers"
	"github.com/ficushealth/ficus/care/directory"
	"github.com/ficushealth/ficus/care/patients"
	"github.com/ficushealth/ficus/engine/access"
	"github.com/ficushealth/ficus/engine/jobs"
)

// modules is the product: what is not listed here does not run.
func (a *App) modules() care.Modules {
	others := care.Modules{
		accounts.Module(),
		directory.Module(),
		caregivers.Module(a.Vault),
	}
	return append(others, patients.Module(a.Now, uuid.NewString, others.Naming("Patient")))
}

func (a *App) openModules(ctx context.Context) error {
	a.Modules = a.modules()
	if err := a.Modules.Check(); err != nil {
		return err
	}
	if err := a.Modules.Migrate(ctx, a.DB); err != nil {
		return err
	}
	if err := jobs.Migrate(ctx, a.DB); err != nil {
		return err
	}
	a.Jobs = jobs.NewQueue(a.DB, a.Now)
	if err := a.openAccounts(ctx); err != nil {
		return err
	}
	return a.Accounts.EnsureTenant(ctx, access.Inside(accounts.First, "admin"), firstName)
}

func (a *App) openAccounts(context.Context) error {
	a.Accounts = accounts.New(a.DB, a.Audit, accounts.Options{Now: a.Now, Vault: a.Vault})
	return nil
}
