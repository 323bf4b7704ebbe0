package accounts

import (
	"context"
	"crypto/sha256"
	"time"

	"github.com/ficushealth/ficus/engine/access"
	"github.com/ficushealth/ficus/engine/db"
	"github.com/ficushealth/ficus/fault"
)

var find = db.Same(`SELECT k.tenant, k.id, k.name, k.user_id, k.scopes, k.expires, k.revoked, k.last_used, u.login, u.active, t.active, k.patient, k.clearance, k.purpose
	FROM accounts_token k JOIN accounts_tenant t ON t.id = k.tenant LEFT JOIN accounts_user u ON u.tenant = k.tenant AND u.id = k.user_id WHERE k.hash = $1`)

var touch = db.Same(`UPDATE accounts_token SET last_used = $3 WHERE tenant = $1 AND id = $2 AND (last_used IS NULL OR last_used < $3)`)

// coarse is how exactly it is kept when a token was last used: a write for each request would cost more than it tells.
const coarse = time.Hour

// found is a row of find.
type found struct {
	id            string
	principal     access.Principal
	expires, used time.Time
	user          string // id of whom it acts for; empty: nobody
	off           bool   // revoked, or its user or tenant is not active
}

// Lookup finds whose token has this SHA-256, and when it expires (zero: never). Fault: Unauthorized if there is none, or it
// is revoked or expired, or its user or tenant is not active; the text does not say which. The principal then tells whose token
// it was, if that is known, so that the refusal stands on that tenant's record; it may do nothing.
func (a *Accounts) Lookup(ctx context.Context, hash [sha256.Size]byte) (access.Principal, time.Time, error) {
	f, err := a.find(ctx, hash)
	if err != nil {
		return access.Principal{}, time.Time{}, err
	}
	now := a.o.Now()
	if f.id == "" || f.off || !f.expires.IsZero() && !now.Before(f.expires) {
		f.principal.Scopes = access.Scopes{}
		return f.principal, time.Time{}, fault.New(fault.Unauthorized, "the token is not known, has expired or was revoked")
	}
	if f.user != "" {
		if err := a.lend(ctx, &f.principal, f.user); err != nil {
			return access.Principal{}, time.Time{}, err
		}
	}
	if hour := now.Truncate(coarse); f.used.Before(hour) {
		if _, err := a.d.Exec(ctx, touch, f.principal.Tenant, f.id, hour.UnixMicro()); err != nil {
			return access.Principal{}, time.Time{}, err
		}
	}
	return f.principal, f.expires, nil
}

func (a *Accounts) find(ctx context.Context, hash [sha256.Size]byte) (f found, err error) {
	err = a.d.Query(ctx, find, []any{hash[:]}, func(r db.Row) (err error) {
		f.id, f.expires, f.used = r.Text(1), instant(r, 5), instant(r, 7)
		f.off = !r.IsNull(6) || !r.Bool(10) || !r.IsNull(3) && !r.Bool(9)
		f.principal = access.Principal{Tenant: r.Int32(0), Subject: "client/" + f.id, Name: r.Text(2), Client: "token/" + f.id}
		if !r.IsNull(3) {
			f.user, f.principal.Subject, f.principal.Name = r.Text(3), "user/"+r.Text(3), r.Text(8)
		}
		f.principal.Patient, f.principal.Clearance, f.principal.Purpose = r.Text(11), r.Text(12), r.Text(13)
		f.principal.Scopes, err = access.ParseScopes(r.Text(4))
		return err
	})
	return f, err
}

// lend makes the principal of a user's token act as the user: within what his roles allow now, and of accounts nothing. What the
// token says of labels takes away too.
func (a *Accounts) lend(ctx context.Context, p *access.Principal, user string) error {
	token := *p
	if err := a.be(ctx, p, user); err != nil {
		return err
	}
	p.Scopes, p.Roles = p.Scopes.Within(p.Roles), p.Roles.OfResources()
	p.Clearance = access.LowerClearance(p.Clearance, token.Clearance)
	if token.Purpose != "" {
		p.Purpose = token.Purpose
	}
	return nil
}
