package accounts

import (
	"context"
	"strings"

	"github.com/ficushealth/ficus/engine/access"
	"github.com/ficushealth/ficus/engine/db"
	"github.com/ficushealth/ficus/fault"
)

// Member is a user as those see him who look after users.
type Member struct {
	User
	Roles        []string // sorted
	MustChange   bool     // his password was given out for once
	SecondFactor bool     // he signs in with one
}

// Page is a part of a list.
type Page struct{ Number, Size int } // Number from 1

func (p Page) skipped() int { return (p.Number - 1) * p.Size }

// Which narrows a list of users. What is empty does not matter.
type Which struct {
	Text   string // in login, name or e-mail address
	Role   string // that they hold
	Active string // true or false
}

const (
	memberColumns = `u.id, u.login, u.name, u.email, u.active, u.created, coalesce(p.must_change, false),
		EXISTS (SELECT 1 FROM accounts_factor f WHERE f.tenant = u.tenant AND f.user_id = u.id AND f.kind = 'totp' AND f.confirmed IS NOT NULL)`
	memberJoins = ` FROM accounts_user u LEFT JOIN accounts_password p ON p.tenant = u.tenant AND p.user_id = u.id `
	memberWhich = `u.tenant = $1 AND ($2 = '' OR lower(u.login) LIKE $2 ESCAPE '\' OR lower(u.name) LIKE $2 ESCAPE '\' OR u.email LIKE $2 ESCAPE '\')
		AND ($3 = '' OR EXISTS (SELECT 1 FROM accounts_holds h WHERE h.tenant = u.tenant AND h.user_id = u.id AND h.role = $3)) AND ($4 = '' OR u.active = ($4 = 'true'))`
	memberPage = ` ORDER BY u.login LIMIT $5 OFFSET $6`
)

var members = struct{ count, page, pageRoles, one, roles, lock, change db.Text }{
	count: db.Same(`SELECT count(*) FROM accounts_user u WHERE ` + memberWhich),
	page:  db.Same(`SELECT ` + memberColumns + memberJoins + `WHERE ` + memberWhich + memberPage),
	pageRoles: db.Same(`SELECT user_id, role FROM accounts_holds WHERE tenant = $1 AND user_id IN (SELECT u.id FROM accounts_user u WHERE ` + memberWhich + memberPage + `)
		ORDER BY role`),
	one:   db.Same(`SELECT ` + memberColumns + memberJoins + `WHERE u.tenant = $1 AND u.id = $2`),
	roles: db.Same(`SELECT role FROM accounts_holds WHERE tenant = $1 AND user_id = $2 ORDER BY role`),
	lock: db.Text{
		SQLite:   `SELECT id FROM accounts_user WHERE tenant = $1 AND id = $2`,
		Postgres: `SELECT id FROM accounts_user WHERE tenant = $1 AND id = $2 FOR UPDATE`,
	},
	change: db.Same(`UPDATE accounts_user SET name = $3, email = $4, active = $5 WHERE tenant = $1 AND id = $2`),
}

// Members is a page of the users of a tenant, by login, and how many there are in all.
func (a *Accounts) Members(ctx context.Context, tenant int32, w Which, p Page) (list []Member, total int, err error) {
	args := []any{tenant, containing(w.Text), w.Role, w.Active}
	paged := append(args[:4:4], p.Size, p.skipped())
	at := map[string]int{}
	err = a.d.Read(ctx, func(t db.Tx) error {
		if err := t.Query(ctx, members.count, args, func(r db.Row) error { total = int(r.Int64(0)); return nil }); err != nil {
			return err
		}
		err := t.Query(ctx, members.page, paged, func(r db.Row) error {
			at[r.Text(0)] = len(list)
			list = append(list, memberOf(r))
			return nil
		})
		if err != nil {
			return err
		}
		return t.Query(ctx, members.pageRoles, paged, func(r db.Row) error {
			m := &list[at[r.Text(0)]]
			m.Roles = append(m.Roles, r.Text(1))
			return nil
		})
	})
	return list, total, err
}

// containing is a pattern of LIKE for what holds a text.
func containing(text string) string {
	if text == "" {
		return ""
	}
	return "%" + strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`).Replace(strings.ToLower(text)) + "%"
}

func memberOf(r db.Row) Member {
	return Member{User: userOf(r), MustChange: r.Bool(6), SecondFactor: r.Bool(7)}
}

// Member finds a user of a tenant. Fault: Unknown.
func (a *Accounts) Member(ctx context.Context, tenant int32, id string) (Member, error) {
	return a.member(ctx, a.d, tenant, id)
}

func (a *Accounts) member(ctx context.Context, q querier, tenant int32, id string) (m Member, err error) {
	err = q.Query(ctx, members.one, []any{tenant, id}, func(r db.Row) error {
		m = memberOf(r)
		return nil
	})
	if err == nil && m.ID == "" {
		err = noUser()
	}
	if err != nil {
		return m, err
	}
	return m, q.Query(ctx, members.roles, []any{tenant, id}, func(r db.Row) error {
		m.Roles = append(m.Roles, r.Text(0))
		return nil
	})
}

func noUser() error { return fault.New(fault.Unknown, "there is no such user") }

// UserChange is what becomes of a user; nil stays as it is.
type UserChange struct {
	Name, Email *string
	Active      *bool
}

// Always lets a change pass, whatever it finds.
func Always[T any](T) error { return nil }

// ChangeUser changes a user, unless check refuses what he is before: so a change that somebody else has made is not undone unseen.
// Faults: Forbidden, also of one who may do less than the user; Unknown; Invalid for an address without @; Conflict if the address
// is taken, and for who switches himself off; those of check.
func (a *Accounts) ChangeUser(ctx context.Context, by access.Principal, id string, c UserChange, check func(Member) error) (m Member, err error) {
	if err := may(by, access.Writing); err != nil {
		return Member{}, err
	}
	if c.Active != nil && !*c.Active && by.Subject == "user/"+id {
		return Member{}, fault.New(fault.Conflict, "nobody switches himself off; somebody else who administers accounts can")
	}
	err = a.changeUser(ctx, by, id, "update", func(t db.Tx) error {
		if err := hold(ctx, t, members.lock, by.Tenant, id, "there is no such user"); err != nil {
			return err
		}
		if m, err = a.member(ctx, t, by.Tenant, id); err == nil {
			err = check(m)
		}
		if err == nil {
			err = a.alter(ctx, t, by.Tenant, &m, c)
		}
		return err
	})
	if err != nil {
		return Member{}, err
	}
	return m, nil
}

// hold keeps a row as it is until the transaction ends. Fault: Unknown, with the text, if there is none.
func hold(ctx context.Context, t db.Tx, lock db.Text, tenant int32, id, unknown string) error {
	found := false
	err := t.Query(ctx, lock, []any{tenant, id}, func(db.Row) error {
		found = true
		return nil
	})
	if err == nil && !found {
		err = fault.New(fault.Unknown, "%s", unknown)
	}
	return err
}

func (a *Accounts) alter(ctx context.Context, t db.Tx, tenant int32, m *Member, c UserChange) error {
	if c.Name != nil {
		m.Name = *c.Name
	}
	if c.Email != nil {
		m.Email = strings.ToLower(*c.Email)
	}
	if c.Active != nil {
		m.Active = *c.Active
	}
	if err := checkEmail(m.Email); err != nil {
		return err
	}
	_, err := t.Exec(ctx, members.change, tenant, m.ID, m.Name, db.Null[string]{V: m.Email, OK: m.Email != ""}, m.Active)
	return taken(err)
}

func checkEmail(address string) error {
	if address != "" && !strings.Contains(address, "@") {
		return fault.New(fault.Invalid, "an e-mail address holds an @")
	}
	return nil
}

// taken says what a conflict is about.
func taken(err error) error {
	if fault.Is(err, fault.Conflict) {
		return fault.New(fault.Conflict, "another user has this login or this e-mail address")
	}
	return err
}
