package app

import (
	"context"
	"text/tabwriter"
	"time"

	"github.com/ficushealth/ficus/care/accounts"
	"github.com/ficushealth/ficus/engine/access"
	"github.com/ficushealth/ficus/engine/audit"
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
	return changeKeys(ctx, s, c.Database, "rotate", (*Tenancy).rotateKeys, "new keys are published, and sign from tomorrow on")
}

func (a *Tenancy) rotateKeys(ctx context.Context) error {
	if _, err := a.Vault.TokenKeys(ctx); err != nil { // there must be some that sign until then
		return err
	}
	return a.Vault.RotateTokens(ctx)
}

type tokenKeysReplace struct{ Database }

// Run makes new keys and ends the others.
func (c *tokenKeysReplace) Run(ctx context.Context, s *Streams) error {
	replace := func(a *Tenancy, ctx context.Context) error { return a.Vault.ReplaceTokens(ctx) }
	return changeKeys(ctx, s, c.Database, "replace", replace, "all tokens that were signed are refused from now on")
}

// changeKeys does something about the keys of all tenants; it is on the record of the first one.
func changeKeys(ctx context.Context, s *Streams, d Database, action string, do func(*Tenancy, context.Context) error, said string) error {
	if err := mustExist(ctx, d); err != nil {
		return err
	}
	return administer(ctx, Place{Database: d}, func(a *Tenancy) error {
		by := access.Inside(accounts.First, "admin")
		err := a.Audit.Record(ctx, audit.Entry{Tenant: by.Tenant, At: a.Now(), Action: action, Outcome: audit.Success, Subject: by.Subject, Client: by.Client, Things: []audit.Thing{{Type: "TokenKeys"}}})
		if err == nil {
			err = do(a, ctx)
		}
		if err == nil {
			sayf(s.Out, "%s", said)
		}
		return err
	})
}
