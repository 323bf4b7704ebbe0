package accounts

import (
	"context"
	"strings"

	"github.com/ficushealth/ficus/engine/access"
	"github.com/ficushealth/ficus/engine/db"
)

var unlocking = struct{ freed, free db.Text }{
	freed: db.Same(`SELECT last FROM accounts_attempt WHERE tenant = $1 AND who = $2`),
	free: db.Same(`INSERT INTO accounts_attempt (tenant, who, failed, last, until) VALUES ($1, $2, 0, $3, 0)
		ON CONFLICT (tenant, who) DO UPDATE SET last = excluded.last`),
}

// Unlock lets a user try again at once who has failed too often, on whatever device: what failed before counts no more. Faults:
// Forbidden, also of one who may do less than the user; Unknown.
func (a *Accounts) Unlock(ctx context.Context, by access.Principal, user string) error {
	if err := may(by, access.Writing); err != nil {
		return err
	}
	m, err := a.Member(ctx, by.Tenant, user)
	if err != nil {
		return err
	}
	names, err := a.freedNames(ctx, by.Tenant, m.User)
	if err != nil {
		return err
	}
	own, err := a.ownAttempts(ctx, by.Tenant, user)
	if err != nil {
		return err
	}
	return a.changeUser(ctx, by, user, "unlock", func(t db.Tx) error {
		for _, who := range names {
			if _, err := t.Exec(ctx, unlocking.free, by.Tenant, who, a.o.Now().UnixMicro()); err != nil {
				return err
			}
		}
		return a.succeed(ctx, t, by.Tenant, own...)
	})
}

// freedName is under what it is kept when somebody was unlocked who signs in by this login or address.
func (a *Accounts) freedName(ctx context.Context, tenant int32, login string) ([]byte, error) {
	return a.keyed(ctx, tenant, "unlocked", login)
}

func (a *Accounts) freedNames(ctx context.Context, tenant int32, u User) (whos [][]byte, err error) {
	for _, name := range []string{strings.ToLower(u.Login), strings.ToLower(u.Email)} {
		if name == "" || err != nil {
			continue
		}
		var who []byte
		who, err = a.freedName(ctx, tenant, name)
		whos = append(whos, who)
	}
	return whos, err
}

// ownAttempts are those that are counted for a user himself, whatever the device.
func (a *Accounts) ownAttempts(ctx context.Context, tenant int32, user string) (whos [][]byte, err error) {
	for _, kind := range []string{"factor", "change", "user code"} {
		if err != nil {
			break
		}
		var who []byte
		who, err = a.keyed(ctx, tenant, kind, user)
		whos = append(whos, who)
	}
	return whos, err
}

// freed is when somebody was unlocked; 0 is never.
func (a *Accounts) freed(ctx context.Context, t db.Tx, tenant int32, who []byte) (at int64, err error) {
	err = t.Query(ctx, unlocking.freed, []any{tenant, who}, func(r db.Row) error {
		at = r.Int64(0)
		return nil
	})
	return at, err
}
