package accounts

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"strconv"
	"strings"
	"time"

	"github.com/ficushealth/ficus/engine/audit"
	"github.com/ficushealth/ficus/engine/db"
	"github.com/ficushealth/ficus/fault"
)

// ticket says that somebody has shown a password and needs a second factor. It is sealed and given to him, so that nothing
// is kept of those who stop there.
type ticket struct {
	User    string   `json:"u"`
	Login   string   `json:"l"`
	Changed int64    `json:"c"` // when the password was set, in microseconds: the ticket ends with it
	Whos    [][]byte `json:"w"`
	Issued  int64    `json:"t"` // seconds since 1970
}

const ticketTime = 5 * time.Minute

func (a *Accounts) half(ctx context.Context, p person, try Try) (Signed, error) {
	e := a.signedIn(p, try, audit.Success)
	e.Action = "password"
	if err := a.log.Record(ctx, e); err != nil {
		return Signed{}, err
	}
	text, err := json.Marshal(ticket{p.id, p.login, p.changed.UnixMicro(), p.whos, a.o.Now().Unix()})
	if err != nil {
		return Signed{}, err
	}
	sealed, err := a.seal(ctx, p.tenant, "ticket", text)
	if err != nil {
		return Signed{}, err
	}
	return Signed{Ticket: strconv.FormatInt(int64(p.tenant), 36) + "." + base64.RawURLEncoding.EncodeToString(sealed)}, nil
}

// Second signs a user in by the ticket that SignIn gave and a second factor: the code of an authenticator app, or a recovery
// code. Each code is good once. Faults: Unauthorized for a wrong or used code, and for a ticket that is over; TooMany.
func (a *Accounts) Second(ctx context.Context, text, code string, try Try) (Signed, error) {
	p, err := a.ticketed(ctx, text)
	if err != nil {
		return Signed{}, err
	}
	who, err := a.keyed(ctx, p.tenant, "factor", p.id)
	if err != nil {
		return Signed{}, err
	}
	if err := a.try(ctx, p.tenant, who); err != nil {
		return Signed{}, err
	}
	p.whos = append(p.whos, who)
	spend, err := a.spendCode(ctx, p, strings.ToLower(strings.TrimSpace(code)))
	if err != nil {
		return Signed{}, err
	}
	s, err := a.enter(ctx, p, try, "pwd otp", spend)
	if fault.Is(err, fault.Unauthorized) {
		return Signed{}, a.refuseCode(ctx, p, try)
	}
	return s, err
}

func wrongCode() error { return fault.New(fault.Unauthorized, "the code is wrong or was used before") }

func (a *Accounts) refuseCode(ctx context.Context, p person, try Try) error {
	e := a.signedIn(p, try, audit.Refused)
	e.Detail = "second factor"
	if err := a.log.Record(ctx, e); err != nil {
		return err
	}
	return wrongCode()
}

// ticketed opens a ticket. Fault: Unauthorized.
func (a *Accounts) ticketed(ctx context.Context, text string) (person, error) {
	over := fault.New(fault.Unauthorized, "the sign-in took too long; begin again with the password")
	number, rest, _ := strings.Cut(text, ".")
	tenant, err := strconv.ParseInt(number, 36, 32)
	sealed, damaged := base64.RawURLEncoding.DecodeString(rest)
	if err != nil || damaged != nil || tenant <= 0 {
		return person{}, over
	}
	if known, err := a.has(ctx, int32(tenant)); err != nil || !known {
		return person{}, errorOr(err, over)
	}
	plain, err := a.unseal(ctx, int32(tenant), "ticket", sealed)
	if err != nil {
		return person{}, over
	}
	var t ticket
	if err := json.Unmarshal(plain, &t); err != nil || a.o.Now().Sub(time.Unix(t.Issued, 0)) > ticketTime {
		return person{}, over
	}
	p, err := a.person(ctx, int32(tenant), t.Login)
	if err != nil || p.id != t.User || !p.active || p.changed.UnixMicro() != t.Changed {
		return person{}, errorOr(err, over)
	}
	p.whos = t.Whos
	return p, nil
}

// has tells whether there is a tenant: for others no keys must be made.
func (a *Accounts) has(ctx context.Context, tenant int32) (found bool, err error) {
	err = a.d.Query(ctx, tenants.has, []any{tenant}, func(db.Row) error {
		found = true
		return nil
	})
	return found, err
}

func errorOr(err, other error) error {
	if err != nil {
		return err
	}
	return other
}

// spendCode says how the code is spent in the transaction of the session. A code that fits nothing is spent by refusing.
func (a *Accounts) spendCode(ctx context.Context, p person, code string) (func(db.Tx) error, error) {
	id, step, err := a.match(ctx, p.tenant, p.id, "", code)
	if err != nil {
		return nil, err
	}
	hash, err := a.keyed(ctx, p.tenant, "recovery", p.id, code)
	if err != nil {
		return nil, err
	}
	return func(t db.Tx) error {
		var n int64
		if id != "" {
			n, err = t.Exec(ctx, factors.spend, p.tenant, p.id, id, step)
		} else {
			n, err = t.Exec(ctx, factors.recover, p.tenant, p.id, hash)
		}
		if err == nil && n == 0 {
			err = wrongCode()
		}
		return err
	}, nil
}
