package app

import (
	"cmp"
	"context"
	"log/slog"

	"github.com/ficushealth/ficus/engine/access"
)

// Place is a database, and the tenant in it for which a command works.
type Place struct {
	Database
	Tenant string `help:"Tenant for which it is done, by its name (ficus admin tenant)." placeholder:"NAME" default:"default"`
}

// where says what a command is opened with.
func (p Place) where() (Config, string) { return Config{Database: p.Database}, p.Tenant }

// site is the place of a command that writes or compares resources.
type site struct {
	Place
	Address
}

func (s site) where() (Config, string) {
	return Config{Database: s.Database, Address: s.Address}, s.Tenant
}

// place is Place or site.
type place interface{ where() (Config, string) }

// firstName is the name of the tenant that a new database gets, and of the one that is meant where none is named.
const firstName = "default"

// Tenancy is the program at work for one tenant: what commands have. A server works for all of them; there the tenant is that
// of who asks.
type Tenancy struct {
	*App
	Tenant int32
}

// openAt opens everything for a command that talks to people itself. Faults: as Open; Unknown for the tenant.
func openAt(ctx context.Context, p place) (*Tenancy, error) {
	c, tenant := p.where()
	a, err := Open(ctx, c, slog.New(slog.DiscardHandler))
	if err != nil {
		return nil, err
	}
	return a.tenancy(ctx, tenant)
}

// readAt is openAt for looking only. Faults: as OpenReading; Unknown for the tenant.
func readAt(ctx context.Context, p Place) (*Tenancy, error) {
	a, err := OpenReading(ctx, p.Database)
	if err != nil {
		return nil, err
	}
	return a.tenancy(ctx, p.Tenant)
}

// tenancy is the program for the tenant of that name, and the end of the program if there is none.
func (a *App) tenancy(ctx context.Context, name string) (*Tenancy, error) {
	t, err := a.Accounts.Tenant(ctx, cmp.Or(name, firstName))
	if err != nil {
		a.Close()
		return nil, err
	}
	return &Tenancy{a, t.ID}, nil
}

// operator is who runs a command on a database: whoever holds its key may do all.
func (a *Tenancy) operator() access.Principal { return access.Inside(a.Tenant, "admin") }
