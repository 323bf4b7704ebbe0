package accounts

import (
	"context"
	"time"

	"github.com/ficushealth/ficus/engine/access"
	"github.com/ficushealth/ficus/engine/audit"
	"github.com/ficushealth/ficus/engine/db"
	"github.com/ficushealth/ficus/fault"
)

// Kind is what a secret is for.
type Kind string

// The kinds of secrets that stand for a grant.
const (
	Code     Kind = "code"    // RFC 6749 section 4.1.2
	Refresh  Kind = "refresh" // RFC 6749 section 6
	Device   Kind = "device"  // RFC 8628 section 3.2
	UserCode Kind = "user"    // RFC 8628 section 3.2: what is typed for a device; it is looked at, not spent
)

// prefix is how the texts of a kind begin, so that one that leaks is recognised as what it is. One that is typed has none.
func (k Kind) prefix() string {
	if k == UserCode {
		return ""
	}
	return "f" + string(k) + "_"
}

// Secret stands for a grant, and is good once. Its text is known to who was given it alone.
type Secret struct {
	Kind Kind
	Text string
	Life time.Duration
}

// NewSecret makes a secret of a tenant. It counts once it is issued, by Ask, Allow or Spend.
func NewSecret(k Kind, tenant int32, life time.Duration) Secret {
	if k == UserCode {
		return Secret{k, newUserCode(tenant), life}
	}
	return Secret{k, newSecret(k.prefix(), tenant), life}
}

// mostWrong is how often a secret may be shown by who fails the check before its grant ends: by then somebody else has it.
const mostWrong = 3

var secrets = struct{ add, spend, find, wrong, seen db.Text }{
	add:   db.Same(`INSERT INTO accounts_secret (tenant, hash, kind, grant_id, created, expires, wrong) VALUES ($1, $2, $3, $4, $5, $6, 0)`),
	spend: db.Same(`UPDATE accounts_secret SET used = $4 WHERE tenant = $1 AND hash = $2 AND kind = $3 AND used IS NULL AND expires > $4`),
	find: db.Same(`SELECT ` + grantColumns + `, ` + grantEnded + `, s.used, s.expires, s.wrong FROM accounts_secret s
		JOIN accounts_grant g ON g.tenant = s.tenant AND g.id = s.grant_id` + grantJoins + `WHERE s.tenant = $1 AND s.hash = $2 AND s.kind = $3`),
	wrong: db.Same(`UPDATE accounts_secret SET used = NULL, wrong = wrong + 1 WHERE tenant = $1 AND hash = $2`),
	seen:  db.Same(`INSERT INTO accounts_assertion (tenant, client, jti, expires) VALUES ($1, $2, $3, $4)`),
}

// shown is a secret that somebody shows, with what is known of it.
type shown struct {
	Grant
	kind    Kind
	hash    []byte
	used    bool
	expires time.Time
	wrong   int
}

func worthless() error {
	return fault.New(fault.Unauthorized, "it is not known, has expired or was ended")
}

// Find looks at a secret without spending it. Faults: Unauthorized if it is not known, has expired or was ended; Conflict if
// it was used. The grant is also then the one that it stood for, if there was one, which says whose it was.
func (a *Accounts) Find(ctx context.Context, k Kind, text string) (Grant, error) {
	s, err := a.lookUp(ctx, k, text)
	switch {
	case err != nil:
		return Grant{}, err
	case s.used:
		return s.Grant, fault.New(fault.Conflict, "it was used before")
	case !a.standing(s.Grant) || !a.o.Now().Before(s.expires):
		return s.Grant, worthless()
	}
	return s.Grant, nil
}

func (a *Accounts) lookUp(ctx context.Context, k Kind, text string) (shown, error) {
	tenant, hash, err := placeOf(k.prefix(), text)
	if err != nil {
		return shown{}, err
	}
	return a.shown(ctx, a.d, shown{Grant: Grant{Tenant: tenant}, kind: k, hash: hash})
}

// shown reads what is known of a secret. Fault: Unauthorized if that is nothing.
func (a *Accounts) shown(ctx context.Context, q querier, s shown) (shown, error) {
	found := false
	err := q.Query(ctx, secrets.find, []any{s.Tenant, s.hash, string(s.kind)}, func(r db.Row) (err error) {
		found = true
		s.used, s.expires, s.wrong = !r.IsNull(11), instant(r, 12), int(r.Int64(13))
		s.Grant, err = grantOf(r, 0)
		return err
	})
	if err == nil && !found {
		err = worthless()
	}
	return s, err
}

// Spend uses a secret, and issues the next ones, in one transaction. Of those who show it at the same time one gets them. check
// looks at the grant before; who fails it leaves the secret as it was, and by the third time ends its grant. A secret that was
// used before ends its grant with all that hangs on it: either it was stolen, or what came of it was (RFC 9700 section 4.14.2).
// Faults: Unauthorized, and those of check.
func (a *Accounts) Spend(ctx context.Context, k Kind, text string, check func(Grant) error, next ...Secret) (Grant, error) {
	s, err := a.lookUp(ctx, k, text) // also so that no keys are made for a tenant that somebody has made up
	if err != nil {
		return Grant{}, err
	}
	var refused error // said after the commit
	err = a.write(ctx, s.Tenant, func(t db.Tx) (err error) {
		s, refused, err = a.spend(ctx, t, s, check, next)
		return err
	})
	if err = errorOr(err, refused); err != nil {
		return Grant{}, err
	}
	return s.Grant, nil
}

// spend does it in a transaction. What it refuses is committed; an error is not.
func (a *Accounts) spend(ctx context.Context, t db.Tx, s shown, check func(Grant) error, next []Secret) (_ shown, refused, err error) {
	n, err := t.Exec(ctx, secrets.spend, s.Tenant, s.hash, string(s.kind), a.now().UnixMicro())
	if err == nil {
		s, err = a.shown(ctx, t, s)
	}
	switch {
	case err != nil:
		return s, nil, err
	case !a.standing(s.Grant) || s.Given.IsZero() || n == 0 && !s.used:
		return s, nil, worthless()
	case n == 0:
		again := fault.New(fault.Unauthorized, "it was used before; everything that was granted with it has ended")
		return s, again, a.endBy(ctx, t, s, "used again")
	}
	if refused := check(s.Grant); refused != nil {
		return s, refused, a.wrong(ctx, t, s)
	}
	if err := a.issue(ctx, t, s.Grant, next); err != nil {
		return s, nil, err
	}
	return s, nil, a.last(ctx, t, a.ofSecret(s, audit.Success, ""))
}

// wrong takes the use of a secret back, and counts it.
func (a *Accounts) wrong(ctx context.Context, t db.Tx, s shown) error {
	if _, err := t.Exec(ctx, secrets.wrong, s.Tenant, s.hash); err != nil {
		return err
	}
	if s.wrong+1 >= mostWrong {
		return a.endBy(ctx, t, s, "shown too often by who failed the check")
	}
	return a.last(ctx, t, a.ofSecret(s, audit.Refused, "who showed it failed the check"))
}

// endBy ends the grant of a secret that must not have been shown, and the session that was nothing but that grant.
func (a *Accounts) endBy(ctx context.Context, t db.Tx, s shown, why string) error {
	if _, err := t.Exec(ctx, grants.end, s.Tenant, s.ID, a.now().UnixMicro()); err != nil {
		return err
	}
	if _, err := t.Exec(ctx, direct.end, s.Tenant, s.ID, a.now().UnixMicro(), OwnClient(s.Tenant)); err != nil {
		return err
	}
	return a.last(ctx, t, a.ofSecret(s, audit.Refused, why+"; the grant has ended"))
}

// ofSecret is the audit entry of the use of a secret.
func (a *Accounts) ofSecret(s shown, outcome, why string) audit.Entry {
	e := a.ofGrant(access.Principal{Tenant: s.Tenant, Subject: s.Subject}, "spend-"+string(s.kind), s.Grant)
	e.Outcome = outcome
	if why != "" {
		e.Detail = why
	}
	return e
}

// issue makes secrets count. None outlives its grant.
func (a *Accounts) issue(ctx context.Context, t db.Tx, g Grant, list []Secret) error {
	for _, s := range list {
		tenant, hash, err := placeOf(s.Kind.prefix(), s.Text)
		if err == nil && tenant != g.Tenant {
			err = fault.New(fault.Internal, "a secret of another tenant was to stand for a grant")
		}
		if err != nil {
			return err
		}
		expires := a.now().Add(s.Life)
		if g.Expires.Before(expires) {
			expires = g.Expires
		}
		if _, err := t.Exec(ctx, secrets.add, g.Tenant, hash, string(s.Kind), g.ID, a.now().UnixMicro(), expires.UnixMicro()); err != nil {
			return err
		}
	}
	return nil
}
