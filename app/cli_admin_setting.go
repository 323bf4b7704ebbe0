package app

import (
	"cmp"
	"context"
	"fmt"

	"github.com/ficushealth/ficus/care/accounts"
	"github.com/ficushealth/ficus/engine/store"
)

type adminSettings struct{ Place }

// Run lists what the tenant has chosen.
func (c *adminSettings) Run(ctx context.Context, s *Streams) error {
	return lookAtAccounts(ctx, c.Place, func(a *Tenancy) error {
		chosen, err := a.Accounts.Chosen(ctx, a.Tenant)
		for _, name := range accounts.SettingNames() {
			fmt.Fprintf(s.Out, "%s\t%s\n", name, cmp.Or(chosen[name], accounts.Default)) //nolint:errcheck // whoever closed it does not want to know
		}
		return err
	})
}

type adminSet struct {
	Place
	Name  string `arg:"" help:"Setting: integrity (references must have targets, and what is referred to cannot be deleted), audit-days (how long the audit is kept), audit-hold (nothing of it is pruned), alert-patients (so many patients in ten minutes are told), alert-hours (what is seen outside of them is told)." enum:"alert-hours,alert-patients,audit-days,audit-hold,integrity"`
	Value string `arg:"" help:"on, off, a number, hours such as 07-19@America/Toronto, or default: as the installation says."`
}

// Run sets it. A server that runs honours it within seconds.
func (c *adminSet) Run(ctx context.Context, s *Streams) error {
	return administer(ctx, c.Place, func(a *Tenancy) error {
		if err := a.Accounts.Choose(ctx, a.operator(), c.Name, c.Value); err != nil {
			return err
		}
		_, err := fmt.Fprintf(s.Out, "%s\t%s\n", c.Name, c.Value)
		return err
	})
}

// chosen is what a tenant wants of the store.
func (a *App) chosen(ctx context.Context, tenant int32, s store.Settings) (store.Settings, error) {
	chosen, err := a.Accounts.Chosen(ctx, tenant)
	if err != nil {
		return s, err
	}
	switch chosen[accounts.Integrity] {
	case accounts.On:
		s.DanglingReferences = false
	case accounts.Off:
		s.DanglingReferences = true
	}
	return s, nil
}
