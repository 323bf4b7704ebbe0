package accounts

import (
	"context"
	"strings"

	"github.com/ficushealth/ficus/engine/access"
	"github.com/ficushealth/ficus/engine/db"
	"github.com/ficushealth/ficus/fault"
)

var passwords = struct{ read, set, put, rehash, keep, past, trim db.Text }{
	read: db.Same(`SELECT p.hash, u.login, u.name, u.email FROM accounts_user u
		LEFT JOIN accounts_password p ON p.tenant = u.tenant AND p.user_id = u.id WHERE u.tenant = $1 AND u.id = $2`),
	set: db.Same(`UPDATE accounts_password SET hash = $4, changed = $5, must_change = false WHERE tenant = $1 AND user_id = $2 AND hash = $3`),
	put: db.Same(`INSERT INTO accounts_password (tenant, user_id, hash, changed, must_change)
		SELECT $1, $2, $3, $4, true WHERE EXISTS (SELECT 1 FROM accounts_user WHERE tenant = $1 AND id = $2)
		ON CONFLICT (tenant, user_id) DO UPDATE SET hash = excluded.hash, changed = excluded.changed, must_change = true`),
	rehash: db.Same(`UPDATE accounts_password SET hash = $4 WHERE tenant = $1 AND user_id = $2 AND hash = $3`),
	keep: db.Same(`INSERT INTO accounts_past_password (tenant, user_id, changed, hash)
		SELECT tenant, user_id, changed, hash FROM accounts_password WHERE tenant = $1 AND user_id = $2 ON CONFLICT DO NOTHING`),
	past: db.Same(`SELECT hash FROM accounts_past_password WHERE tenant = $1 AND user_id = $2`),
	trim: db.Same(`DELETE FROM accounts_past_password WHERE tenant = $1 AND user_id = $2 AND hash NOT IN
		(SELECT hash FROM accounts_past_password WHERE tenant = $1 AND user_id = $2 ORDER BY changed DESC LIMIT $3)`),
}

// ChangePassword gives the caller another password. His other sessions end. Faults: Forbidden; Invalid if the old one is wrong
// or the new one is not as Options.Policy wants it; TooMany; Conflict if it was changed at the same time.
func (a *Accounts) ChangePassword(ctx context.Context, by access.Principal, old, fresh string) error {
	user, session, err := signedIn(by)
	if err != nil {
		return err
	}
	who, err := a.keyed(ctx, by.Tenant, "change", user)
	if err != nil {
		return err
	}
	if err := a.try(ctx, by.Tenant, who); err != nil {
		return err
	}
	kept, err := a.agree(ctx, by.Tenant, user, old, fresh)
	if err != nil {
		return err
	}
	hash, err := a.hash(ctx, fresh)
	if err != nil {
		return err
	}
	return a.setPassword(ctx, by, session, who, kept, hash)
}

// agree compares the old password and judges the new one. It gives the hash that is there.
func (a *Accounts) agree(ctx context.Context, tenant int32, user, old, fresh string) (hash string, err error) {
	var names []string
	err = a.d.Query(ctx, passwords.read, []any{tenant, user}, func(r db.Row) error {
		hash, names = r.Text(0), []string{r.Text(1), r.Text(2), r.Text(3)}
		return nil
	})
	if err != nil {
		return "", err
	}
	fits, err := a.fits(ctx, hash, old)
	if err == nil && !fits {
		err = fault.New(fault.Invalid, "the current password is wrong")
	}
	if err == nil {
		err = a.o.Policy.Check(fresh, names...)
	}
	if err == nil {
		err = a.unused(ctx, tenant, user, hash, fresh)
	}
	return hash, err
}

// unused refuses a password that the user has or had. Fault: Invalid.
func (a *Accounts) unused(ctx context.Context, tenant int32, user, hash, fresh string) error {
	all := []string{hash}
	err := a.d.Query(ctx, passwords.past, []any{tenant, user}, func(r db.Row) error {
		all = append(all, r.Text(0))
		return nil
	})
	for _, h := range all {
		fits := false
		if err == nil {
			fits, err = a.fits(ctx, h, fresh)
		}
		if fits {
			return fault.New(fault.Invalid, "the new password must be none of the last %d", a.o.Policy.Past+1)
		}
	}
	return err
}

func (a *Accounts) setPassword(ctx context.Context, by access.Principal, session string, who []byte, old, hash string) error {
	user := strings.TrimPrefix(by.Subject, "user/")
	return a.write(ctx, by.Tenant, func(t db.Tx) error {
		if err := a.keepPast(ctx, t, by.Tenant, user); err != nil {
			return err
		}
		n, err := t.Exec(ctx, passwords.set, by.Tenant, user, old, hash, a.now().UnixMicro())
		if err == nil && n == 0 {
			err = fault.New(fault.Conflict, "the password was changed at the same time")
		}
		if err == nil {
			err = a.succeed(ctx, t, by.Tenant, who)
		}
		if err == nil {
			err = a.endAll(ctx, t, by.Tenant, user, session)
		}
		if err != nil {
			return err
		}
		return a.last(ctx, t, a.entry(by, "change-password", "User", user))
	})
}

// keepPast remembers the password that goes, and forgets the oldest.
func (a *Accounts) keepPast(ctx context.Context, t db.Tx, tenant int32, user string) error {
	if _, err := t.Exec(ctx, passwords.keep, tenant, user); err != nil {
		return err
	}
	_, err := t.Exec(ctx, passwords.trim, tenant, user, a.o.Policy.Past)
	return err
}

// ResetPassword gives a user a password for once, which must be changed at the first sign-in, within a week. His sessions
// end. Faults: Forbidden, also of one who may do less than the user; Unknown.
func (a *Accounts) ResetPassword(ctx context.Context, by access.Principal, user string) (password string, err error) {
	if err := may(by, access.Writing); err != nil {
		return "", err
	}
	password = oneTime()
	hash, err := a.hash(ctx, password)
	if err != nil {
		return "", err
	}
	err = a.changeUser(ctx, by, user, "reset-password", func(t db.Tx) error {
		if err := a.keepPast(ctx, t, by.Tenant, user); err != nil {
			return err
		}
		if err := once(ctx, t, "there is no such user", passwords.put, by.Tenant, user, hash, a.now().UnixMicro()); err != nil {
			return err
		}
		return a.endAll(ctx, t, by.Tenant, user, "")
	})
	if err != nil {
		return "", err
	}
	return password, nil
}
