package accounts

import (
	"context"
	"time"

	"github.com/ficushealth/ficus/engine/access"
	"github.com/ficushealth/ficus/engine/audit"
	"github.com/ficushealth/ficus/engine/db"
	"github.com/ficushealth/ficus/fault"
)

// Tenant is one organisation whose data is walled off from that of all others.
type Tenant struct {
	ID      int32 // from 1
	Name    string
	Created time.Time
	Active  bool // false: nobody signs in to it
}

// First is the number of the first tenant. It is the operator's: what is done by people of whom nobody knows to which tenant
// they belong is on its record.
const First int32 = 1

var tenants = struct{ add, set, list, has, numbers db.Text }{
	add:     db.Same(`INSERT INTO accounts_tenant (id, name, created, active) VALUES ($1, $2, $3, true)`),
	set:     db.Same(`UPDATE accounts_tenant SET active = $2 WHERE id = $1`),
	list:    db.Same(`SELECT id, name, created, active FROM accounts_tenant ORDER BY id`),
	has:     db.Same(`SELECT 1 FROM accounts_tenant WHERE id = $1`),
	numbers: db.Same(`SELECT id FROM accounts_tenant ORDER BY id`),
}

// AddTenant makes an active tenant under the next number. Its keys are made before it, so that what makes it can be on its
// record: numbers whose tenant was not made in the end have keys without use. Two processes may add at the same time.
// Faults: Forbidden, Invalid for an empty name, Conflict if it is taken.
func (a *Accounts) AddTenant(ctx context.Context, by access.Principal, name string) (Tenant, error) {
	if err := MayTenants(by, access.Writing); err != nil {
		return Tenant{}, err
	}
	if name == "" {
		return Tenant{}, fault.New(fault.Invalid, "a tenant needs a name")
	}
	for {
		t, err := a.next(ctx, name)
		if err != nil {
			return Tenant{}, err
		}
		err = a.change(ctx, a.ofTenant(by, "create", t.ID), "", tenants.add, t.ID, name, t.Created.UnixMicro())
		if !fault.Is(err, fault.Conflict) { // else another process took the number or the name
			return t, err
		}
	}
}

// next is the tenant that could be made now. Fault: Conflict if there is one of that name.
func (a *Accounts) next(ctx context.Context, name string) (Tenant, error) {
	last := int32(0)
	all, err := a.Tenants(ctx)
	for _, t := range all {
		if last = t.ID; t.Name == name {
			return Tenant{}, fault.New(fault.Conflict, "another tenant has this name")
		}
	}
	return Tenant{ID: last + 1, Name: name, Created: a.now(), Active: true}, err
}

// EnsureTenant makes a tenant of that name if there is none at all. Several processes may ask at the same time.
func (a *Accounts) EnsureTenant(ctx context.Context, by access.Principal, name string) error {
	all, err := a.Tenants(ctx)
	if err != nil || len(all) > 0 {
		return err
	}
	if _, err = a.AddTenant(ctx, by, name); fault.Is(err, fault.Conflict) {
		return nil // another process has made it
	}
	return err
}

// MayTenants lets pass who looks after all tenants: Ficus itself, and people of the first tenant with a permission that says so. Fault:
// Forbidden.
func MayTenants(by access.Principal, action access.Action) error {
	if by.System || by.Tenant == First && by.Roles.Allow(access.Permission{Resource: access.Tenants, Action: action, Reach: access.All}) {
		return nil
	}
	return fault.New(fault.Forbidden, "tenants are looked after on the command line, and by people of the first tenant with a role that says tenants %s all", action)
}

// SetTenantActive lets people and clients sign in to a tenant or not; its data stay. Faults: Forbidden, Unknown; Conflict for the first one, if a
// person asks.
func (a *Accounts) SetTenantActive(ctx context.Context, by access.Principal, id int32, active bool) error {
	if err := MayTenants(by, access.Writing); err != nil {
		return err
	}
	if id == First && !by.System {
		return fault.New(fault.Conflict, "the first tenant, from which the others are looked after, is switched off on the command line only")
	}
	return a.change(ctx, a.ofTenant(by, "update", id), "there is no such tenant", tenants.set, id, active)
}

// ofTenant is the entry of a change to a tenant, on that tenant's record.
func (a *Accounts) ofTenant(by access.Principal, action string, id int32) audit.Entry {
	by.Tenant = id
	return a.entry(by, action, "Tenant", number(id))
}

// Tenant finds a tenant by its name. Fault: Unknown.
func (a *Accounts) Tenant(ctx context.Context, name string) (Tenant, error) {
	all, err := a.Tenants(ctx)
	for _, t := range all {
		if t.Name == name {
			return t, err
		}
	}
	if err == nil {
		err = fault.New(fault.Unknown, "there is no tenant %q", name)
	}
	return Tenant{}, err
}

// Tenants lists all tenants, by number.
func (a *Accounts) Tenants(ctx context.Context) (all []Tenant, err error) {
	err = a.d.Query(ctx, tenants.list, nil, func(r db.Row) error {
		all = append(all, Tenant{r.Int32(0), r.Text(1), instant(r, 2), r.Bool(3)})
		return nil
	})
	return all, err
}

// Numbers lists the numbers of the tenants of a database whose tables may be of an earlier version, or not there.
func Numbers(ctx context.Context, d *db.DB) (all []int32, err error) {
	if made, err := d.HasTable(ctx, "accounts_tenant"); err != nil || !made {
		return nil, err
	}
	err = d.Query(ctx, tenants.numbers, nil, func(r db.Row) error {
		all = append(all, r.Int32(0))
		return nil
	})
	return all, err
}
