package app

import (
	"context"
	"errors"
	"strconv"
	"time"

	"github.com/ficushealth/ficus/care/accounts"
	"github.com/ficushealth/ficus/engine/access"
	"github.com/ficushealth/ficus/engine/audit"
	"github.com/ficushealth/ficus/engine/jobs"
)

// auditDays is how long a tenant's audit is kept that has chosen nothing: seven years.
const auditDays = 2555

// auditPruning looks once a day in each tenant for what is older than the audit is kept.
func (a *App) auditPruning() jobs.Kind {
	return jobs.Kind{Name: "audit.prune", Every: 24 * time.Hour, Do: func(ctx context.Context, _ *jobs.Job) error {
		all, err := a.Accounts.Tenants(ctx)
		for _, t := range all {
			_, failed := a.pruneAudit(ctx, access.Inside(t.ID, "jobs"))
			err = errors.Join(err, failed)
		}
		return err
	}}
}

// pruneAudit removes what is older than the tenant keeps its audit. nil: there was nothing, or the tenant's audit is on hold.
func (a *App) pruneAudit(ctx context.Context, by access.Principal) (*audit.Pruned, error) {
	days, held, err := a.retention(ctx, by.Tenant)
	if err != nil || held {
		return nil, err
	}
	sign, err := a.Vault.SignKey(ctx)
	if err != nil {
		return nil, err
	}
	p := audit.Pruner{DB: a.DB, Keys: auditKeys(a.Vault), Log: a.Audit, Sign: sign, Anchor: a.Config.Anchor, Now: a.Now}
	return p.Prune(ctx, by, a.Now().AddDate(0, 0, -days))
}

// retention is for how many days a tenant's audit is kept, and whether a hold keeps all of it.
func (a *App) retention(ctx context.Context, tenant int32) (days int, held bool, err error) {
	chosen, err := a.Accounts.Chosen(ctx, tenant)
	if err != nil {
		return 0, false, err
	}
	if days, err = strconv.Atoi(chosen[accounts.AuditDays]); err != nil {
		days = auditDays
	}
	return days, chosen[accounts.AuditHold] == accounts.On, nil
}
