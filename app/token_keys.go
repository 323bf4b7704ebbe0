package app

import (
	"context"
	"time"

	"github.com/ficushealth/ficus/care/accounts"
	"github.com/ficushealth/ficus/engine/access"
	"github.com/ficushealth/ficus/engine/audit"
	"github.com/ficushealth/ficus/engine/db"
	"github.com/ficushealth/ficus/engine/jobs"
)

// keysAge is after what time the keys that sign tokens are changed.
const keysAge = 90 * 24 * time.Hour

// rotation looks once a day whether the keys that sign tokens are old.
func (a *App) rotation() jobs.Kind {
	return jobs.Kind{Name: "vault.rotate-tokens", Every: 24 * time.Hour, Do: func(ctx context.Context, _ *jobs.Job) error { return a.rotateOld(ctx) }}
}

func (a *App) rotateOld(ctx context.Context) error {
	keys, err := a.Vault.TokenKeys(ctx)
	if err != nil || len(keys) == 0 {
		return err
	}
	if newest := keys[len(keys)-1]; a.Now().Sub(newest.Signs) < keysAge {
		return nil
	}
	return a.changeKeys(ctx, access.Inside(accounts.First, "jobs"), "rotate", a.Vault.RotateTokens)
}

// changeKeys does something about the keys that sign the tokens of all tenants; it is on the record of the first one.
func (a *App) changeKeys(ctx context.Context, by access.Principal, action string, do func(context.Context, func(*db.Pipe)) error) error {
	if err := a.Audit.Ready(by.Tenant); err != nil {
		return err
	}
	e := audit.Of(by, action, a.Now(), audit.Thing{Type: "TokenKeys"})
	return do(ctx, func(p *db.Pipe) {
		a.Audit.Append(ctx, p, []audit.Entry{e}) //nolint:errcheck // it is that of the transaction
	})
}
