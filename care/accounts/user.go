package accounts

import (
	"context"
	"time"

	"github.com/ficushealth/ficus/engine/access"
	"github.com/ficushealth/ficus/engine/db"
	"github.com/ficushealth/ficus/fault"
)

// User is a person who signs in.
type User struct {
	ID      string
	Login   string // unique in the tenant
	Name    string
	Active  bool
	Created time.Time
}

var users = struct{ add, set, list db.Text }{
	add:  db.Same(`INSERT INTO accounts_user (tenant, id, login, name, active, created) VALUES ($1, $2, $3, $4, $5, $6)`),
	set:  db.Same(`UPDATE accounts_user SET active = $3 WHERE tenant = $1 AND id = $2`),
	list: db.Same(`SELECT id, login, name, active, created FROM accounts_user WHERE tenant = $1 ORDER BY login`),
}

// AddUser makes an active user of by's tenant. Faults: Forbidden, Invalid for an empty login, Conflict if it is taken.
func (a *Accounts) AddUser(ctx context.Context, by access.Principal, login, name string) (User, error) {
	if err := mayAdminister(by); err != nil {
		return User{}, err
	}
	if login == "" {
		return User{}, fault.New(fault.Invalid, "a user needs a login")
	}
	u := User{ID: a.o.NewID(), Login: login, Name: name, Active: true, Created: a.now()}
	err := a.change(ctx, a.entry(by, "create", "User", u.ID), "", users.add, by.Tenant, u.ID, login, name, true, u.Created.UnixMicro())
	if fault.Is(err, fault.Conflict) {
		return User{}, fault.New(fault.Conflict, "another user has this login")
	}
	return u, err
}

// SetActive lets a user sign in or not; the user's tokens follow. Faults: Forbidden, Unknown.
func (a *Accounts) SetActive(ctx context.Context, by access.Principal, id string, active bool) error {
	if err := mayAdminister(by); err != nil {
		return err
	}
	return a.change(ctx, a.entry(by, "update", "User", id), "there is no such user", users.set, by.Tenant, id, active)
}

// Users lists the users of a tenant, by login.
func (a *Accounts) Users(ctx context.Context, tenant int32) (all []User, err error) {
	err = a.d.Query(ctx, users.list, []any{tenant}, func(r db.Row) error {
		all = append(all, User{r.Text(0), r.Text(1), r.Text(2), r.Bool(3), instant(r, 4)})
		return nil
	})
	return all, err
}
