package accounts

import (
	"context"

	"github.com/ficushealth/ficus/engine/access"
	"github.com/ficushealth/ficus/engine/db"
	"github.com/ficushealth/ficus/fault"
)

// vouch asks a user who has signed in for his password again, before he does what a thief of his token must not. It is counted like
// changing it. Faults: Forbidden; Invalid if it is wrong; TooMany.
func (a *Accounts) vouch(ctx context.Context, by access.Principal, password string) (user string, err error) {
	user, err = itself(by)
	if err != nil {
		return "", err
	}
	who, err := a.keyed(ctx, by.Tenant, "change", user)
	if err != nil {
		return "", err
	}
	if err := a.try(ctx, by.Tenant, who); err != nil {
		return "", err
	}
	hash := ""
	err = a.d.Query(ctx, passwords.read, []any{by.Tenant, user}, func(r db.Row) error {
		hash = r.Text(0)
		return nil
	})
	if err != nil {
		return "", err
	}
	fits, err := a.fits(ctx, hash, password)
	if err == nil && !fits {
		err = fault.New(fault.Invalid, "the current password is wrong")
	}
	if err != nil {
		return "", err
	}
	return user, a.d.Write(ctx, func(t db.Tx) error { return a.succeed(ctx, t, by.Tenant, who) })
}

// OtherRecoveryCodes gives the caller, who shows his password again, codes in place of those from before. Faults: as vouch; Conflict
// without a second factor.
func (a *Accounts) OtherRecoveryCodes(ctx context.Context, by access.Principal, password string) ([]string, error) {
	user, err := a.vouch(ctx, by, password)
	if err != nil {
		return nil, err
	}
	m, err := a.Member(ctx, by.Tenant, user)
	if err == nil && !m.SecondFactor {
		err = fault.New(fault.Conflict, "there is no second factor for which they could stand")
	}
	if err != nil {
		return nil, err
	}
	return a.NewRecoveryCodes(ctx, by)
}

// TurnOffFactors takes the second factors of the caller, who shows his password again; from now on he signs in by that alone. His other
// sessions end. Faults: as vouch; Unknown if he has none.
func (a *Accounts) TurnOffFactors(ctx context.Context, by access.Principal, password string) error {
	user, err := a.vouch(ctx, by, password)
	if err != nil {
		return err
	}
	return a.write(ctx, by.Tenant, func(t db.Tx) error {
		if err := once(ctx, t, "there is no second factor", factors.drop, by.Tenant, user); err != nil {
			return err
		}
		if err := a.endAll(ctx, t, by.Tenant, user, by.Grant); err != nil {
			return err
		}
		return a.last(ctx, t, a.entry(by, "drop-factors", "User", user))
	})
}
