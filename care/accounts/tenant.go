package accounts

import (
	"context"
	"time"

	"github.com/ficushealth/ficus/engine/db"
	"github.com/ficushealth/ficus/fault"
)

// Tenant is one organisation whose data is walled off from that of all others.
type Tenant struct {
	ID      int32 // from 1
	Name    string
	Created time.Time
}

var tenants = struct{ add, list db.Text }{
	add: db.Same(`INSERT INTO accounts_tenant (id, name, created)
		SELECT coalesce(max(id), 0) + 1, $1, $2 FROM accounts_tenant
		WHERE NOT EXISTS (SELECT 1 FROM accounts_tenant WHERE name = $1) RETURNING id`),
	list: db.Same(`SELECT id, name, created FROM accounts_tenant ORDER BY id`),
}

// EnsureTenant gives the tenant of that name and makes it if there is none; the first one has the number 1. Two processes may
// ask at the same time. The tenant's keys are the caller's to make: nothing can be audited for a tenant without keys, so
// this is not. Faults: Invalid for an empty name.
func (a *Accounts) EnsureTenant(ctx context.Context, name string) (Tenant, error) {
	if name == "" {
		return Tenant{}, fault.New(fault.Invalid, "a tenant needs a name")
	}
	for {
		err := a.d.Write(ctx, func(t db.Tx) error {
			return t.Query(ctx, tenants.add, []any{name, a.o.Now().UnixMicro()}, func(db.Row) error { return nil })
		})
		lost := fault.Is(err, fault.Conflict) // another process took the number or the name
		if err != nil && !lost {
			return Tenant{}, err
		}
		if found, err := a.tenant(ctx, name); err != nil || found.ID > 0 {
			return found, err
		}
	}
}

func (a *Accounts) tenant(ctx context.Context, name string) (found Tenant, err error) {
	all, err := a.Tenants(ctx)
	for _, t := range all {
		if t.Name == name {
			found = t
		}
	}
	return found, err
}

// Tenants lists all tenants, by number.
func (a *Accounts) Tenants(ctx context.Context) (all []Tenant, err error) {
	err = a.d.Query(ctx, tenants.list, nil, func(r db.Row) error {
		all = append(all, Tenant{r.Int32(0), r.Text(1), instant(r, 2)})
		return nil
	})
	return all, err
}
