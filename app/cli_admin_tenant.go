package app

import (
	"context"
	"text/tabwriter"

	"github.com/ficushealth/ficus/care/accounts"
	"github.com/ficushealth/ficus/engine/access"
)

type adminTenant struct {
	List tenantList `cmd:"" default:"withargs" help:"List the tenants."`
	Add  tenantAdd  `cmd:"" help:"Make a tenant: an organisation whose data is walled off from that of all others. Its first user is made too."`
	Off  tenantOff  `cmd:"" help:"Let nobody sign in to a tenant. Its data stay."`
	On   tenantOn   `cmd:"" help:"Let people and clients sign in to a tenant again."`
}

type tenantList struct{ Database }

// Run lists the tenants.
func (c *tenantList) Run(ctx context.Context, s *Streams) error {
	a, err := OpenReading(ctx, c.Database)
	if err != nil {
		return err
	}
	defer a.Close()
	list, err := a.Accounts.Tenants(ctx)
	if err != nil {
		return err
	}
	w := tabwriter.NewWriter(s.Out, 0, 8, 2, ' ', 0)
	sayf(w, "NUMBER\tNAME\tMADE\tSTATE")
	for _, t := range list {
		sayf(w, "%d\t%s\t%s\t%s", t.ID, t.Name, day(t.Created), state(t.Active))
	}
	return w.Flush()
}

func state(active bool) string {
	if active {
		return "on"
	}
	return "off"
}

type tenantAdd struct {
	Database
	Name string `arg:"" help:"Its name, by which commands find it (--tenant)."`
}

// Run makes a tenant and its first user.
func (c *tenantAdd) Run(ctx context.Context, s *Streams) error {
	return administer(ctx, Place{Database: c.Database}, func(a *Tenancy) error {
		t, err := a.Accounts.AddTenant(ctx, access.Inside(accounts.First, "admin"), c.Name)
		if err != nil {
			return err
		}
		sayf(s.Out, "%d\t%s", t.ID, t.Name)
		return a.firstUser(ctx, s, t.ID)
	})
}

type tenantOff struct {
	Database
	Name string `arg:"" help:"Its name."`
}

// Run closes a tenant. A server that runs honours it within seconds.
func (c *tenantOff) Run(ctx context.Context, s *Streams) error {
	return setTenant(ctx, s, Place{c.Database, c.Name}, false)
}

type tenantOn struct {
	Database
	Name string `arg:"" help:"Its name."`
}

// Run opens it again.
func (c *tenantOn) Run(ctx context.Context, s *Streams) error {
	return setTenant(ctx, s, Place{c.Database, c.Name}, true)
}

func setTenant(ctx context.Context, s *Streams, p Place, active bool) error {
	if err := mustExist(ctx, p.Database); err != nil {
		return err
	}
	return administer(ctx, p, func(a *Tenancy) error {
		err := a.Accounts.SetTenantActive(ctx, a.operator(), a.Tenant, active)
		if err == nil {
			sayf(s.Out, "%s is %s", p.Tenant, state(active))
		}
		return err
	})
}
