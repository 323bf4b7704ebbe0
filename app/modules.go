package app

import (
	"context"

	"github.com/google/uuid"

	"github.com/ficushealth/ficus/care"
	"github.com/ficushealth/ficus/care/accounts"
	"github.com/ficushealth/ficus/care/caregivers"
	"github.com/ficushealth/ficus/care/directory"
	"github.com/ficushealth/ficus/care/patients"
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
	a.Accounts = accounts.New(a.DB, a.Audit, accounts.Options{Now: a.Now})
	_, err := a.Accounts.EnsureTenant(ctx, "default")
	return err
}
