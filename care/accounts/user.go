package accounts

import (
	"context"
	"strings"
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
	Email   string // a second name to sign in with, in lower case, unique in the tenant; may be empty
	Active  bool
	Created time.Time
}

var users = struct{ add, list, one, byID db.Text }{
	add:  db.Same(`INSERT INTO accounts_user (tenant, id, login, name, email, active, created) VALUES ($1, $2, $3, $4, $5, true, $6)`),
	list: db.Same(`SELECT id, login, name, email, active, created FROM accounts_user WHERE tenant = $1 ORDER BY login`),
	one:  db.Same(`SELECT id, login, name, email, active, created FROM accounts_user WHERE tenant = $1 AND login = $2`),
	byID: db.Same(`SELECT id, login, name, email, active, created FROM accounts_user WHERE tenant = $1 AND id = $2`),
}

// NewUser asks for a user.
type NewUser struct{ Login, Name, Email string }

// AddUser makes an active user of by's tenant, who has no password yet. Faults: Forbidden; Invalid for a login that is empty
// or holds "@", and for an e-mail address without one; Conflict if login or address is taken.
func (a *Accounts) AddUser(ctx context.Context, by access.Principal, n NewUser) (User, error) {
	u, err := a.newUser(by, n)
	if err != nil {
		return User{}, err
	}
	return u, a.write(ctx, by.Tenant, func(t db.Tx) error {
		if err := a.insertUser(ctx, t, by.Tenant, u); err != nil {
			return err
		}
		return a.last(ctx, t, a.entry(by, "create", "User", u.ID))
	})
}

// newUser is the user that is going to be made. Faults: Forbidden, Invalid.
func (a *Accounts) newUser(by access.Principal, n NewUser) (User, error) {
	if err := may(by, access.Writing); err != nil {
		return User{}, err
	}
	if n.Login == "" || strings.Contains(n.Login, "@") {
		return User{}, fault.New(fault.Invalid, "a user needs a login without @, and may have an e-mail address")
	}
	u := User{ID: a.o.NewID(), Login: n.Login, Name: n.Name, Email: strings.ToLower(n.Email), Active: true, Created: a.now()}
	return u, checkEmail(u.Email)
}

func (a *Accounts) insertUser(ctx context.Context, t db.Tx, tenant int32, u User) error {
	email := db.Null[string]{V: u.Email, OK: u.Email != ""}
	_, err := t.Exec(ctx, users.add, tenant, u.ID, u.Login, u.Name, email, u.Created.UnixMicro())
	return taken(err)
}

// SetActive lets a user sign in or not; the user's tokens and sessions follow. Faults: as ChangeUser.
func (a *Accounts) SetActive(ctx context.Context, by access.Principal, id string, active bool) error {
	_, err := a.ChangeUser(ctx, by, id, UserChange{Active: &active}, Always)
	return err
}

// changeUser does something to a user, and audits it, if by may do all that the user may: else who administers accounts could
// become whoever he likes. Faults: Forbidden, and those of do.
func (a *Accounts) changeUser(ctx context.Context, by access.Principal, id, action string, do func(db.Tx) error) error {
	return a.write(ctx, by.Tenant, func(t db.Tx) error {
		if err := a.mayBecome(ctx, t, by, id); err != nil {
			return err
		}
		if err := do(t); err != nil {
			return err
		}
		return a.last(ctx, t, a.entry(by, action, "User", id))
	})
}

// Users lists the users of a tenant, by login.
func (a *Accounts) Users(ctx context.Context, tenant int32) (all []User, err error) {
	err = a.d.Query(ctx, users.list, []any{tenant}, func(r db.Row) error {
		all = append(all, userOf(r))
		return nil
	})
	return all, err
}

// User finds a user of a tenant by the login. Fault: Unknown.
func (a *Accounts) User(ctx context.Context, tenant int32, login string) (u User, err error) {
	return a.user(ctx, users.one, tenant, login)
}

// UserByID finds a user of a tenant. Fault: Unknown.
func (a *Accounts) UserByID(ctx context.Context, tenant int32, id string) (u User, err error) {
	return a.user(ctx, users.byID, tenant, id)
}

func (a *Accounts) user(ctx context.Context, stmt db.Text, tenant int32, name string) (u User, err error) {
	err = a.d.Query(ctx, stmt, []any{tenant, name}, func(r db.Row) error {
		u = userOf(r)
		return nil
	})
	if err == nil && u.ID == "" {
		err = fault.New(fault.Unknown, "there is no user %q", name)
	}
	return u, err
}

func userOf(r db.Row) User {
	return User{r.Text(0), r.Text(1), r.Text(2), r.Text(3), r.Bool(4), instant(r, 5)}
}
