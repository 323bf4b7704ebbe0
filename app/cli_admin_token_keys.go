package app

import (
	"context"
	"text/tabwriter"
	"time"

	"github.com/ficushealth/ficus/care/accounts"
	"github.com/ficushealth/ficus/engine/access"
	"github.com/ficushealth/ficus/engine/vault"
)

type adminTokenKeys struct {
	List    tokenKeysList    `cmd:"" default:"withargs" help:"List the keys that sign tokens."`
	Rotate  tokenKeysRotate  `cmd:"" help:"Make new keys. They are published at once and sign in a day; a server does so by itself every 90 days."`
	Replace tokenKeysReplace `cmd:"" help:"Make new keys that sign at once, and believe the old ones no more, because somebody else may have them. Everybody has to sign in again."`
}

type tokenKeysList struct{ Database }

// Run lists the keys, without themselves.
func (c *tokenKeysList) Run(ctx context.Context, s *Streams) error {
	return lookAtAccounts(ctx, Place{Database: c.Database}, func(a *Tenancy) error {
		keys, err := a.Vault.ListTokenKeys(ctx)
		if err != nil {
			return err
		}
		w := tabwriter.NewWriter(s.Out, 0, 8, 2, ' ', 0)
		sayf(w, "KEY\tALGORITHM\tSIGNS FROM\tBELIEVED UNTIL")
		for _, k := range keys {
			sayf(w, "%s\t%s\t%s\t%s", k.ID, k.Alg, k.Signs.Format(time.DateTime), endOf(k))
		}
		return w.Flush()
	})
}

func endOf(k vault.TokenKey) string {
	if k.Until.IsZero() {
		return "no end is set"
	}
	return k.Until.Format(time.DateTime)
}

type tokenKeysRotate struct{ Database }

// Run makes new keys.
func (c *tokenKeysRotate) Run(ctx context.Context, s *Streams) error {
	return withKeys(ctx, c.Database, func(a *Tenancy) error {
		if _, err := a.Vault.TokenKeys(ctx); err != nil { // there must be some that sign until then
			return err
		}
		err := a.changeKeys(ctx, access.Inside(accounts.First, "admin"), "rotate", a.Vault.RotateTokens)
		if err == nil {
			sayf(s.Out, "new keys are published, and sign from tomorrow on")
		}
		return err
	})
}

type tokenKeysReplace struct{ Database }

// Run makes new keys and ends the others.
func (c *tokenKeysReplace) Run(ctx context.Context, s *Streams) error {
	return withKeys(ctx, c.Database, func(a *Tenancy) error {
		err := a.changeKeys(ctx, access.Inside(accounts.First, "admin"), "replace", a.Vault.ReplaceTokens)
		if err == nil {
			sayf(s.Out, "all tokens that were signed are refused from now on")
		}
		return err
	})
}

func withKeys(ctx context.Context, d Database, do func(*Tenancy) error) error {
	if err := mustExist(ctx, d); err != nil {
		return err
	}
	return administer(ctx, Place{Database: d}, do)
}
