package accounts

import (
	"context"

	"github.com/ficushealth/ficus/engine/access"
	"github.com/ficushealth/ficus/engine/db"
	"github.com/ficushealth/ficus/fault"
)

// Role is a name for permissions that go together.
type Role struct {
	Name        string
	Permissions []access.Permission
	Masks       []access.Mask
	Holders     []string // logins
}

var roles = struct{ add, ensure, lock, permit, forbid, give, take, list, permissions, holders, held, of db.Text }{
	add:    db.Same(`INSERT INTO accounts_role (tenant, name) VALUES ($1, $2)`),
	ensure: db.Same(`INSERT INTO accounts_role (tenant, name) VALUES ($1, $2) ON CONFLICT DO NOTHING`),
	// The row of the role is locked while its permissions are compared with those of who changes or gives it.
	lock: db.Text{
		SQLite:   `SELECT name FROM accounts_role WHERE tenant = $1 AND name = $2`,
		Postgres: `SELECT name FROM accounts_role WHERE tenant = $1 AND name = $2 FOR UPDATE`,
	},
	permit: db.Same(`INSERT INTO accounts_permission (tenant, role, resource, action, reach) VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING`),
	forbid: db.Same(`DELETE FROM accounts_permission WHERE tenant = $1 AND role = $2 AND resource = $3 AND action = $4 AND reach = $5`),
	give: db.Same(`INSERT INTO accounts_holds (tenant, user_id, role, since)
		SELECT $1, $2, $3, $4 WHERE EXISTS (SELECT 1 FROM accounts_user WHERE tenant = $1 AND id = $2) ON CONFLICT DO NOTHING`),
	take:        db.Same(`DELETE FROM accounts_holds WHERE tenant = $1 AND user_id = $2 AND role = $3`),
	list:        db.Same(`SELECT name FROM accounts_role WHERE tenant = $1 ORDER BY name`),
	permissions: db.Same(`SELECT role, resource, action, reach FROM accounts_permission WHERE tenant = $1 ORDER BY role, resource, action, reach`),
	holders:     db.Same(`SELECT h.role, u.login FROM accounts_holds h JOIN accounts_user u ON u.tenant = h.tenant AND u.id = h.user_id WHERE h.tenant = $1 ORDER BY h.role, u.login`),
	held: db.Same(`SELECT p.role, p.resource, p.action, p.reach FROM accounts_holds h
		JOIN accounts_permission p ON p.tenant = h.tenant AND p.role = h.role WHERE h.tenant = $1 AND h.user_id = $2`),
	of: db.Same(`SELECT role, resource, action, reach FROM accounts_permission WHERE tenant = $1 AND role = $2`),
}

// covers refuses who may do less than is to be given, taken or changed, and all who are kept from something. What is somebody's own,
// or his department's, is nobody else's: over such permissions is who has them with the reach all. Fault: Forbidden.
func covers(by access.Principal, others access.Roles) error {
	if by.System || by.Roles.Cover(access.NewRoles(others.Anywhere()...)) && !by.Masked() {
		return nil
	}
	return fault.New(fault.Forbidden, "nobody gives, takes or changes rights that he does not have himself")
}

// AddRole makes a role. Faults: Forbidden, also of who has not all of the permissions himself; Invalid without a name; Conflict if it
// is taken.
func (a *Accounts) AddRole(ctx context.Context, by access.Principal, name string, list ...access.Permission) error {
	if err := may(by, access.Writing); err != nil {
		return err
	}
	if name == "" {
		return fault.New(fault.Invalid, "a role needs a name")
	}
	if err := covers(by, access.NewRoles(list...)); err != nil {
		return err
	}
	e := a.entry(by, "create", "Role", name)
	e.Detail = listedPermissions(list)
	return a.write(ctx, by.Tenant, func(t db.Tx) error {
		_, err := t.Exec(ctx, roles.add, by.Tenant, name)
		if fault.Is(err, fault.Conflict) {
			err = fault.New(fault.Conflict, "there is a role of this name already")
		}
		if err == nil {
			err = permitAll(ctx, t, by.Tenant, name, list)
		}
		if err != nil {
			return err
		}
		return a.last(ctx, t, e)
	})
}

// Permit adds a permission to a role, for all who hold it. Faults: Forbidden, also of who has not the permission himself;
// Unknown.
func (a *Accounts) Permit(ctx context.Context, by access.Principal, role string, p access.Permission) error {
	return a.changeRole(ctx, by, "permit", role, p.String(), access.NewRoles(p), func(t db.Tx) error {
		_, err := t.Exec(ctx, roles.permit, by.Tenant, role, p.Resource, string(p.Action), p.Reach.String())
		return err
	})
}

// Forbid takes a permission out of a role. Faults: as Permit; Unknown also if it is not in it.
func (a *Accounts) Forbid(ctx context.Context, by access.Principal, role string, p access.Permission) error {
	return a.changeRole(ctx, by, "forbid", role, p.String(), access.NewRoles(p), func(t db.Tx) error {
		return once(ctx, t, "the role has no such permission", roles.forbid, by.Tenant, role, p.Resource, string(p.Action), p.Reach.String())
	})
}

// Give lets a user hold a role; it counts at once in sessions that are there. Faults: Forbidden, also of who has not all
// permissions of the role himself; Unknown; Conflict if he holds it.
func (a *Accounts) Give(ctx context.Context, by access.Principal, role, user string) error {
	return a.changeRole(ctx, by, "give", role, "user/"+user, access.Roles{}, func(t db.Tx) error {
		n, err := t.Exec(ctx, roles.give, by.Tenant, user, role, a.o.Now().UnixMicro())
		if err == nil && n == 0 {
			err = fault.New(fault.Conflict, "there is no such user, or the user holds the role")
		}
		return err
	})
}

// Take takes a role from a user. Faults: as Give; Unknown if he does not hold it.
func (a *Accounts) Take(ctx context.Context, by access.Principal, role, user string) error {
	return a.changeRole(ctx, by, "take", role, "user/"+user, access.Roles{}, func(t db.Tx) error {
		return once(ctx, t, "the user does not hold the role", roles.take, by.Tenant, user, role)
	})
}

// changeRole does something with a role, and audits it, if by has all permissions that are in it, and those that are to come.
func (a *Accounts) changeRole(ctx context.Context, by access.Principal, action, role, detail string, more access.Roles, do func(db.Tx) error) error {
	if err := may(by, access.Writing); err != nil {
		return err
	}
	e := a.entry(by, action, "Role", role)
	e.Detail = detail
	return a.write(ctx, by.Tenant, func(t db.Tx) error {
		in, err := a.lockRole(ctx, t, by.Tenant, role)
		if err != nil {
			return err
		}
		for _, rights := range []access.Roles{in, more} {
			if err := covers(by, rights); err != nil {
				return err
			}
		}
		if err := do(t); err != nil {
			return err
		}
		return a.last(ctx, t, e)
	})
}

// lockRole holds a role still, and reads what it permits. Fault: Unknown.
func (a *Accounts) lockRole(ctx context.Context, t db.Tx, tenant int32, role string) (access.Roles, error) {
	found := false
	err := t.Query(ctx, roles.lock, []any{tenant, role}, func(db.Row) error {
		found = true
		return nil
	})
	if err == nil && !found {
		err = fault.New(fault.Unknown, "there is no such role")
	}
	if err != nil {
		return access.Roles{}, err
	}
	return permissions(ctx, t, roles.of, tenant, role)
}

// querier is a transaction or the database.
type querier interface {
	Query(ctx context.Context, stmt db.Text, args []any, scan func(db.Row) error) error
}

// held is what a user may do by all his roles.
func (a *Accounts) held(ctx context.Context, q querier, tenant int32, user string) (access.Roles, error) {
	r, err := permissions(ctx, q, roles.held, tenant, user)
	if err != nil {
		return r, err
	}
	var list []access.Mask
	err = masked(ctx, q, masks.held, []any{tenant, user}, func(_ string, m access.Mask) { list = append(list, m) })
	if len(list) > 0 {
		r = r.Masked(list...)
	}
	return r, err
}

func permissions(ctx context.Context, q querier, stmt db.Text, args ...any) (access.Roles, error) {
	var list []access.Permission
	err := q.Query(ctx, stmt, args, func(r db.Row) error {
		p, err := access.ParsePermission(r.Text(1), r.Text(2), r.Text(3))
		list = append(list, p)
		return err
	})
	return access.NewRoles(list...), err
}

// Roles lists the roles of a tenant, by name.
func (a *Accounts) Roles(ctx context.Context, tenant int32) (all []Role, err error) {
	at := map[string]int{}
	err = a.d.Query(ctx, roles.list, []any{tenant}, func(r db.Row) error {
		at[r.Text(0)] = len(all)
		all = append(all, Role{Name: r.Text(0)})
		return nil
	})
	if err != nil {
		return nil, err
	}
	err = a.d.Query(ctx, roles.permissions, []any{tenant}, func(r db.Row) error {
		p, err := access.ParsePermission(r.Text(1), r.Text(2), r.Text(3))
		if i, found := at[r.Text(0)]; found {
			all[i].Permissions = append(all[i].Permissions, p)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	err = masked(ctx, a.d, masks.list, []any{tenant}, func(role string, m access.Mask) {
		if i, found := at[role]; found {
			all[i].Masks = append(all[i].Masks, m)
		}
	})
	if err != nil {
		return nil, err
	}
	return all, a.d.Query(ctx, roles.holders, []any{tenant}, func(r db.Row) error {
		if i, found := at[r.Text(0)]; found {
			all[i].Holders = append(all[i].Holders, r.Text(1))
		}
		return nil
	})
}
