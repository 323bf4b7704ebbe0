package accounts

import (
	"context"
	"strings"
	"time"

	"github.com/ficushealth/ficus/engine/access"
	"github.com/ficushealth/ficus/engine/audit"
	"github.com/ficushealth/ficus/engine/db"
	"github.com/ficushealth/ficus/fault"
)

// Try is one attempt to sign in with a password.
type Try struct {
	Login     string // or e-mail address
	Password  string
	Device    string // what the device has kept since it was first seen, which nobody else can know; empty: the address stands for it
	Address   string // on the network
	Agent     string // the program, as it names itself
	RequestID string
}

// Signed is what became of it: a session, or a ticket for the second step.
type Signed struct {
	Text       string // of the session; shown this once
	Session    string // its id
	MustChange bool   // the session is good for changing the password only
	Ticket     string // a second factor is needed: see Second
}

// onceLife is how long a password is good that was given out for once.
const onceLife = 7 * 24 * time.Hour

// person is who signs in, as far as is known.
type person struct {
	tenant          int32
	id, login, hash string
	active, must    bool
	changed         time.Time
	needsTOTP       bool
	whos            [][]byte      // for whom the attempt was counted
	wait            time.Duration // what the next one has to wait
	renewed         string        // what the hash becomes; empty: it stays
}

var people = db.Same(`SELECT u.id, u.login, u.active, p.hash, p.must_change, p.changed,
		EXISTS (SELECT 1 FROM accounts_factor f WHERE f.tenant = u.tenant AND f.user_id = u.id AND f.kind = 'totp' AND f.confirmed IS NOT NULL)
	FROM accounts_user u JOIN accounts_tenant t ON t.id = u.tenant AND t.active LEFT JOIN accounts_password p ON p.tenant = u.tenant AND p.user_id = u.id
	WHERE u.tenant = $1 AND (u.login = $2 OR u.email = $3) ORDER BY CASE WHEN u.login = $2 THEN 0 ELSE 1 END LIMIT 1`)

// SignIn signs a user in by a password, if no second factor is needed. Whether the login, the password or the user was wrong
// is not told, nor by how long it takes. Success and failure are on record; an attempt that comes too early is not looked at,
// and what is on record is that there was to be a wait. Faults: Unauthorized; TooMany, with the seconds to wait.
func (a *Accounts) SignIn(ctx context.Context, tenant int32, try Try) (Signed, error) {
	if known, err := a.has(ctx, tenant); err != nil || !known {
		return Signed{}, errorOr(err, a.nowhere(ctx, try.Password))
	}
	whos, wait, err := a.admit(ctx, tenant, try)
	if err != nil {
		return Signed{}, err
	}
	p, err := a.person(ctx, tenant, try.Login)
	if err != nil {
		return Signed{}, err
	}
	p.whos, p.wait = whos, wait
	fits, err := a.fits(ctx, p.hash, try.Password)
	if err != nil {
		return Signed{}, err
	}
	if !fits || !p.active || p.must && a.o.Now().After(p.changed.Add(onceLife)) {
		return Signed{}, a.refuse(ctx, p, try)
	}
	if p.needsTOTP {
		return a.half(ctx, p, try)
	}
	if err := a.rehash(ctx, &p, try.Password); err != nil {
		return Signed{}, err
	}
	return a.enter(ctx, p, try, "pwd", nil)
}

// admit counts the attempt for the login on this device, and for the login alone on a device on which it never succeeded: so
// who guesses from everywhere is slowed down, and does not lock the user out of his own devices.
func (a *Accounts) admit(ctx context.Context, tenant int32, try Try) (whos [][]byte, wait time.Duration, err error) {
	login := strings.ToLower(try.Login)
	device := "device " + try.Device
	if try.Device == "" {
		device = "address " + try.Address
	}
	here, err := a.keyed(ctx, tenant, "login", login, device)
	if err != nil {
		return nil, 0, err
	}
	anywhere, err := a.keyed(ctx, tenant, "login", login)
	if err != nil {
		return nil, 0, err
	}
	unlocked, err := a.freedName(ctx, tenant, login)
	if err != nil {
		return nil, 0, err
	}
	err = a.d.Write(ctx, func(t db.Tx) error {
		freed, err := a.freed(ctx, t, tenant, unlocked)
		if err != nil {
			return err
		}
		c, err := a.claim(ctx, t, tenant, here, hard, freed)
		wait = c.wait
		if err == nil && !c.known {
			c, err = a.claim(ctx, t, tenant, anywhere, soft, freed)
			wait = max(wait, c.wait)
		}
		return err
	})
	return [][]byte{here, anywhere}, wait, err
}

func (a *Accounts) person(ctx context.Context, tenant int32, login string) (person, error) {
	p := person{tenant: tenant}
	err := a.d.Query(ctx, people, []any{tenant, login, strings.ToLower(login)}, func(r db.Row) error {
		p.id, p.login, p.active, p.hash = r.Text(0), r.Text(1), r.Bool(2), r.Text(3)
		p.must, p.changed, p.needsTOTP = r.Bool(4), instant(r, 5), r.Bool(6)
		return nil
	})
	return p, err
}

// nowhere refuses who signs in to a tenant that there is not, after the time that it takes elsewhere.
func (a *Accounts) nowhere(ctx context.Context, password string) error {
	_, err := a.fits(ctx, "", password)
	return errorOr(err, wrong())
}

func wrong() error { return fault.New(fault.Unauthorized, "Invalid email or password") }

// refuse puts a failed sign-in on record.
func (a *Accounts) refuse(ctx context.Context, p person, try Try) error {
	e := a.signedIn(p, try, audit.Refused)
	if p.wait > 0 {
		e.Detail = "the next attempt has to wait " + p.wait.String()
	}
	if err := a.log.Record(ctx, e); err != nil {
		return err
	}
	return wrong()
}

// signedIn is the entry of a sign-in. It does not hold the login, which may be a password that was typed in the wrong place.
func (a *Accounts) signedIn(p person, try Try, outcome string) audit.Entry {
	by := access.Principal{Tenant: p.tenant, Address: try.Address, Agent: try.Agent, RequestID: try.RequestID}
	if p.id != "" {
		by.Subject = "user/" + p.id
	}
	e := a.entry(by, "signin", "User", p.id)
	e.Outcome = outcome
	return e
}

// rehash hashes the password anew if the cost has changed since.
func (a *Accounts) rehash(ctx context.Context, p *person, password string) (err error) {
	if a.o.Cost.stale(p.hash) {
		p.renewed, err = a.hash(ctx, password)
	}
	return err
}

// enter makes the session, with what spends the second factor, and puts it on record, in one transaction.
func (a *Accounts) enter(ctx context.Context, p person, try Try, how string, spend func(db.Tx) error) (Signed, error) {
	s := Signed{Text: newSecret(SessionPrefix, p.tenant), Session: a.o.NewID(), MustChange: p.must}
	_, hash, err := placeOf(SessionPrefix, s.Text)
	if err != nil {
		return Signed{}, err
	}
	err = a.write(ctx, p.tenant, func(t db.Tx) error {
		if err := a.spent(ctx, t, p, spend); err != nil {
			return err
		}
		n, err := t.Exec(ctx, sessions.add, p.tenant, hash, s.Session, p.id, how, try.Agent, try.Address, a.now().UnixMicro())
		if err == nil && n == 0 {
			err = wrong() // the user was switched off a moment ago
		}
		if err != nil {
			return err
		}
		e := a.signedIn(p, try, audit.Success)
		e.Client, e.Session, e.Detail = "session/"+s.Session, s.Session, how
		return a.last(ctx, t, e)
	})
	if err != nil {
		return Signed{}, err
	}
	return s, nil
}

// spent takes back what was counted as failed, spends the second factor, and keeps a new hash of the password.
func (a *Accounts) spent(ctx context.Context, t db.Tx, p person, spend func(db.Tx) error) error {
	if err := a.succeed(ctx, t, p.tenant, p.whos...); err != nil {
		return err
	}
	if spend != nil {
		if err := spend(t); err != nil {
			return err
		}
	}
	if p.renewed == "" {
		return nil
	}
	_, err := t.Exec(ctx, passwords.rehash, p.tenant, p.id, p.hash, p.renewed)
	return err
}
