package accounts

import (
	"context"

	"github.com/ficushealth/ficus/engine/access"
	"github.com/ficushealth/ficus/engine/audit"
	"github.com/ficushealth/ficus/engine/db"
	"github.com/ficushealth/ficus/fault"
)

// Join makes a user who holds roles, with a password for once, which must be changed at the first sign-in, within a week: all of it or
// nothing. Faults: as AddUser and Give.
func (a *Accounts) Join(ctx context.Context, by access.Principal, n NewUser, with ...string) (u User, password string, err error) {
	u, err = a.newUser(by, n)
	if err != nil {
		return User{}, "", err
	}
	password = oneTime()
	hash, err := a.hash(ctx, password)
	if err != nil {
		return User{}, "", err
	}
	err = a.write(ctx, by.Tenant, func(t db.Tx) error {
		if err := a.insertUser(ctx, t, by.Tenant, u); err != nil {
			return err
		}
		entries := []audit.Entry{a.entry(by, "create", "User", u.ID)}
		for _, role := range with {
			given, err := a.giveTo(ctx, t, by, role, u.ID)
			if err != nil {
				return err
			}
			entries = append(entries, given)
		}
		if _, err := t.Exec(ctx, passwords.put, by.Tenant, u.ID, hash, a.now().UnixMicro()); err != nil {
			return err
		}
		return a.last(ctx, t, entries...)
	})
	if err != nil {
		return User{}, "", err
	}
	return u, password, nil
}

// giveTo lets a user hold a role, and gives the entry that says so.
func (a *Accounts) giveTo(ctx context.Context, t db.Tx, by access.Principal, role, user string) (audit.Entry, error) {
	e := a.entry(by, "give", "Role", role)
	e.Detail = "user/" + user
	in, err := a.lockRole(ctx, t, by.Tenant, role)
	if fault.Is(err, fault.Unknown) {
		err = fault.New(fault.Invalid, "there is no role %q", role)
	}
	if err == nil {
		err = covers(by, in)
	}
	if err == nil {
		_, err = t.Exec(ctx, roles.give, by.Tenant, user, role, a.now().UnixMicro())
	}
	return e, err
}
