package accounts

import (
	"context"
	"strings"

	"github.com/ficushealth/ficus/engine/access"
	"github.com/ficushealth/ficus/engine/db"
	"github.com/ficushealth/ficus/fault"
)

// RoleInBrief is a role without the names of those who hold it.
type RoleInBrief struct {
	Name        string
	Permissions []access.Permission // sorted
	Held        int                 // by so many users
}

var brief = struct{ names, permissions, held, empty, remove db.Text }{
	names:       db.Same(`SELECT name FROM accounts_role WHERE tenant = $1 AND ($2 = '' OR name = $2) ORDER BY name`),
	permissions: db.Same(`SELECT role, resource, action, reach FROM accounts_permission WHERE tenant = $1 AND ($2 = '' OR role = $2) ORDER BY role, resource, action, reach`),
	held:        db.Same(`SELECT role, count(*) FROM accounts_holds WHERE tenant = $1 AND ($2 = '' OR role = $2) GROUP BY role`),
	empty:       db.Same(`DELETE FROM accounts_permission WHERE tenant = $1 AND role = $2`),
	remove:      db.Same(`DELETE FROM accounts_role WHERE tenant = $1 AND name = $2 AND NOT EXISTS (SELECT 1 FROM accounts_holds WHERE tenant = $1 AND role = $2)`),
}

// RolesInBrief lists the roles of a tenant, by name.
func (a *Accounts) RolesInBrief(ctx context.Context, tenant int32) (all []RoleInBrief, err error) {
	err = a.d.Read(ctx, func(t db.Tx) error {
		all, err = inBrief(ctx, t, tenant, "")
		return err
	})
	return all, err
}

// RoleInBrief finds a role of a tenant. Fault: Unknown.
func (a *Accounts) RoleInBrief(ctx context.Context, tenant int32, name string) (r RoleInBrief, err error) {
	err = a.d.Read(ctx, func(t db.Tx) error {
		r, err = oneInBrief(ctx, t, tenant, name)
		return err
	})
	return r, err
}

func oneInBrief(ctx context.Context, t db.Tx, tenant int32, name string) (RoleInBrief, error) {
	all, err := inBrief(ctx, t, tenant, name)
	if err == nil && (len(all) == 0 || name == "") {
		err = fault.New(fault.Unknown, "there is no such role")
	}
	if err != nil {
		return RoleInBrief{}, err
	}
	return all[0], nil
}

// inBrief reads a role, or all of them.
func inBrief(ctx context.Context, t db.Tx, tenant int32, name string) (all []RoleInBrief, err error) {
	at := map[string]int{}
	args := []any{tenant, name}
	err = t.Query(ctx, brief.names, args, func(r db.Row) error {
		at[r.Text(0)] = len(all)
		all = append(all, RoleInBrief{Name: r.Text(0)})
		return nil
	})
	if err != nil {
		return nil, err
	}
	err = t.Query(ctx, brief.permissions, args, func(r db.Row) error {
		p, err := access.ParsePermission(r.Text(1), r.Text(2), r.Text(3))
		if i, found := at[r.Text(0)]; found {
			all[i].Permissions = append(all[i].Permissions, p)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	return all, t.Query(ctx, brief.held, args, func(r db.Row) error {
		if i, found := at[r.Text(0)]; found {
			all[i].Held = int(r.Int64(1))
		}
		return nil
	})
}

// SetPermissions makes a role permit these and nothing else, unless check refuses what it is before. Faults: as Permit; those of check.
func (a *Accounts) SetPermissions(ctx context.Context, by access.Principal, role string, list []access.Permission, check func(RoleInBrief) error) (r RoleInBrief, err error) {
	err = a.changeRole(ctx, by, "permit", role, "only "+listedPermissions(list), access.NewRoles(list...), func(t db.Tx) error {
		if r, err = oneInBrief(ctx, t, by.Tenant, role); err == nil {
			err = check(r)
		}
		if err == nil {
			_, err = t.Exec(ctx, brief.empty, by.Tenant, role)
		}
		if err == nil {
			err = permitAll(ctx, t, by.Tenant, role, list)
		}
		if err == nil {
			r, err = oneInBrief(ctx, t, by.Tenant, role)
		}
		return err
	})
	return r, err
}

func permitAll(ctx context.Context, t db.Tx, tenant int32, role string, list []access.Permission) error {
	for _, p := range list {
		if _, err := t.Exec(ctx, roles.permit, tenant, role, p.Resource, string(p.Action), p.Reach.String()); err != nil {
			return err
		}
	}
	return nil
}

// listedPermissions is a list of permissions, for the audit.
func listedPermissions(list []access.Permission) string {
	words := make([]string, len(list))
	for i, p := range list {
		words[i] = p.String()
	}
	return strings.Join(words, ", ")
}

// RemoveRole removes a role that nobody holds. Faults: as Permit; Conflict if somebody holds it.
func (a *Accounts) RemoveRole(ctx context.Context, by access.Principal, role string) error {
	return a.changeRole(ctx, by, "delete", role, "", access.Roles{}, func(t db.Tx) error {
		if _, err := t.Exec(ctx, brief.empty, by.Tenant, role); err != nil {
			return err
		}
		n, err := t.Exec(ctx, brief.remove, by.Tenant, role)
		if err == nil && n == 0 {
			err = fault.New(fault.Conflict, "somebody holds the role; take it from all of them before")
		}
		return err
	})
}
