package app

import (
	"context"
	"time"

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
	return a.Vault.RotateTokens(ctx)
}
