package accounts

import (
	"context"

	"github.com/ficushealth/ficus/engine/access"
	"github.com/ficushealth/ficus/engine/db"
	"github.com/ficushealth/ficus/fault"
)

// What the first user and role of a tenant are called.
const (
	FirstLogin = "admin"
	FirstRole  = "administrator"
)

var addFirst = db.Same(`INSERT INTO accounts_user (tenant, id, login, name, active, created)
	SELECT $1, $2, $3, '', true, $4 WHERE NOT EXISTS (SELECT 1 FROM accounts_user WHERE tenant = $1)`)

// FirstUser makes a user who may do all, and gives the password for once; it is empty if the tenant of by has users. User,
// role and password are one transaction; of several processes that ask at the same time one makes them. Faults: Forbidden.
func (a *Accounts) FirstUser(ctx context.Context, by access.Principal) (password string, err error) {
	if err := mayAdminister(by); err != nil {
		return "", err
	}
	if all, err := a.Users(ctx, by.Tenant); err != nil || len(all) > 0 {
		return "", err
	}
	password, id := oneTime(), a.o.NewID()
	hash, err := a.hash(ctx, password)
	if err != nil {
		return "", err
	}
	err = a.write(ctx, by.Tenant, func(t db.Tx) error { return a.makeFirst(ctx, t, by, id, hash) })
	if fault.Is(err, fault.Conflict) {
		return "", nil // another process was faster
	}
	if err != nil {
		return "", err
	}
	return password, nil
}

func (a *Accounts) makeFirst(ctx context.Context, t db.Tx, by access.Principal, id, hash string) error {
	now := a.now().UnixMicro()
	n, err := t.Exec(ctx, addFirst, by.Tenant, id, FirstLogin, now)
	if err == nil && n == 0 {
		err = fault.New(fault.Conflict, "there are users already")
	}
	if err == nil {
		_, err = t.Exec(ctx, roles.ensure, by.Tenant, FirstRole)
	}
	for _, action := range []access.Action{access.Reading, access.Writing, access.Deleting, access.Approving} {
		if err == nil {
			_, err = t.Exec(ctx, roles.permit, by.Tenant, FirstRole, "*", string(action), access.All.String())
		}
	}
	if err == nil {
		_, err = t.Exec(ctx, roles.give, by.Tenant, id, FirstRole, now)
	}
	if err == nil {
		_, err = t.Exec(ctx, passwords.put, by.Tenant, id, hash, now)
	}
	if err != nil {
		return err
	}
	give := a.entry(by, "give", "Role", FirstRole)
	give.Detail = "user/" + id
	return a.last(ctx, t, a.entry(by, "create", "Role", FirstRole), a.entry(by, "create", "User", id), give)
}
