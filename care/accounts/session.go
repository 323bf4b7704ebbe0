package accounts

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/ficushealth/ficus/engine/access"
	"github.com/ficushealth/ficus/engine/db"
	"github.com/ficushealth/ficus/fault"
)

// Session is one sign-in of a user on one device.
type Session struct {
	ID, User      string
	Factors       []string // as in RFC 8176: pwd, otp
	Agent         string
	Address       string
	Created, Seen time.Time // Seen to the minute
}

// SessionPrefix is how the text of each session begins.
const SessionPrefix = "fsess_"

// A session ends by itself after this time without use, and after this time in all.
const (
	idleTime    = 30 * time.Minute
	sessionTime = 12 * time.Hour
)

// How a session is found with whose it is: by anything, as long as it was used behind $3 and made behind $4.
const (
	visitColumns = `s.id, s.user_id, s.factors, s.agent, s.address, s.created, s.seen, u.login, p.must_change`
	visitJoins   = ` JOIN accounts_user u ON u.tenant = s.tenant AND u.id = s.user_id AND u.active
		JOIN accounts_tenant t ON t.id = s.tenant AND t.active LEFT JOIN accounts_password p ON p.tenant = s.tenant AND p.user_id = s.user_id `
	visitStands = `s.ended IS NULL AND s.seen > $3 AND s.created > $4`
)

var sessions = struct{ add, find, touch, renew, end, endAll, list, owner db.Text }{
	add: db.Same(`INSERT INTO accounts_session (tenant, hash, id, user_id, factors, agent, address, created, seen)
		SELECT $1, $2, $3, $4, $5, $6, $7, $8, $8 WHERE EXISTS (SELECT 1 FROM accounts_user WHERE tenant = $1 AND id = $4 AND active)`),
	find:   db.Same(`SELECT ` + visitColumns + ` FROM accounts_session s` + visitJoins + `WHERE s.tenant = $1 AND s.hash = $2 AND ` + visitStands),
	renew:  db.Same(`UPDATE accounts_session SET hash = $3, factors = $4 WHERE tenant = $1 AND hash = $2 AND ended IS NULL`),
	touch:  db.Same(`UPDATE accounts_session SET seen = $3 WHERE tenant = $1 AND id = $2 AND seen < $3`),
	end:    db.Same(`UPDATE accounts_session SET ended = $3 WHERE tenant = $1 AND id = $2 AND ended IS NULL`),
	endAll: db.Same(`UPDATE accounts_session SET ended = $3 WHERE tenant = $1 AND user_id = $2 AND ended IS NULL AND id <> $4`),
	list: db.Same(`SELECT id, user_id, factors, agent, address, created, seen FROM accounts_session
		WHERE tenant = $1 AND user_id = $2 AND ended IS NULL AND seen > $3 AND created > $4 ORDER BY created, id`),
	owner: db.Same(`SELECT user_id FROM accounts_session WHERE tenant = $1 AND id = $2`),
}

// Session finds who has signed in and shows this text. As long as the password must be changed, nothing else is allowed: the
// principal has neither roles nor Grant. Fault: Unauthorized if the session is not known, has ended or expired, or its user or tenant is not
// active; the text does not say which.
func (a *Accounts) Session(ctx context.Context, text string) (access.Principal, Session, error) {
	tenant, hash, err := placeOf(SessionPrefix, text)
	if err != nil {
		return access.Principal{}, Session{}, err
	}
	return a.visit(ctx, tenant, sessions.find, tenant, hash, a.before(idleTime), a.before(sessionTime))
}

// visit finds a session and who has signed in, and notes that it was used.
func (a *Accounts) visit(ctx context.Context, tenant int32, stmt db.Text, args ...any) (p access.Principal, s Session, err error) {
	mustChange := false
	err = a.d.Query(ctx, stmt, args, func(r db.Row) error {
		s, mustChange = sessionOf(r), r.Bool(8)
		p = access.Principal{Tenant: tenant, Subject: "user/" + s.User, Name: r.Text(7), Client: "session/" + s.ID}
		return nil
	})
	if err == nil && s.ID == "" {
		err = fault.New(fault.Unauthorized, "the session is not known, has expired or was ended")
	}
	if err == nil && !mustChange {
		p.Grant = s.ID
		err = a.be(ctx, &p, s.User)
	}
	if err != nil {
		return access.Principal{}, Session{}, err
	}
	if minute := a.now().Truncate(time.Minute); s.Seen.Before(minute) {
		_, err = a.d.Exec(ctx, sessions.touch, tenant, s.ID, minute.UnixMicro())
	}
	return p, s, err
}

// RenewSession gives the caller's session another text, because more can be done with it from now on: who knew the old one, or had
// put it there, has nothing. The factors that were shown in it are added to those of the sign-in. Faults: Unauthorized; Unknown if it has just ended.
func (a *Accounts) RenewSession(ctx context.Context, by access.Principal, text string, factors ...string) (string, error) {
	_, s, err := a.Session(ctx, text)
	if err == nil && by.Client != "session/"+s.ID {
		err = fault.New(fault.Unauthorized, "the session is another one")
	}
	if err != nil {
		return "", err
	}
	for _, f := range factors {
		if !slices.Contains(s.Factors, f) {
			s.Factors = append(s.Factors, f)
		}
	}
	_, old, err := placeOf(SessionPrefix, text)
	if err != nil {
		return "", err
	}
	fresh := newSecret(SessionPrefix, by.Tenant)
	_, hash, err := placeOf(SessionPrefix, fresh)
	if err != nil {
		return "", err
	}
	return fresh, a.change(ctx, a.entry(by, "renew", "Session", s.ID), "the session has ended", sessions.renew, by.Tenant, old, hash, strings.Join(s.Factors, " "))
}

func sessionOf(r db.Row) Session {
	return Session{ID: r.Text(0), User: r.Text(1), Factors: strings.Fields(r.Text(2)), Agent: r.Text(3), Address: r.Text(4), Created: instant(r, 5), Seen: instant(r, 6)}
}

// before is the instant so long ago.
func (a *Accounts) before(d time.Duration) int64 { return a.o.Now().Add(-d).UnixMicro() }

// Sessions lists the sessions of a user that have not ended, by age.
func (a *Accounts) Sessions(ctx context.Context, tenant int32, user string) (all []Session, err error) {
	err = a.d.Query(ctx, sessions.list, []any{tenant, user, a.before(idleTime), a.before(sessionTime)}, func(r db.Row) error {
		all = append(all, sessionOf(r))
		return nil
	})
	return all, err
}

// EndSession ends a session and what was granted in it: the caller's own, or anybody's for who administers accounts. Faults: Forbidden; Unknown if
// there is none or it has ended.
func (a *Accounts) EndSession(ctx context.Context, by access.Principal, id string) error {
	owner := ""
	err := a.d.Query(ctx, sessions.owner, []any{by.Tenant, id}, func(r db.Row) error {
		owner = r.Text(0)
		return nil
	})
	if err == nil && by.Subject != "user/"+owner {
		err = may(by, access.Writing)
	}
	if err != nil {
		return err
	}
	return a.write(ctx, by.Tenant, func(t db.Tx) error {
		now := a.now().UnixMicro()
		if err := once(ctx, t, "there is no such session that could be ended", sessions.end, by.Tenant, id, now); err != nil {
			return err
		}
		if _, err := t.Exec(ctx, grants.endSession, by.Tenant, id, now); err != nil {
			return err
		}
		return a.last(ctx, t, a.entry(by, "delete", "Session", id))
	})
}

// endAll ends the sessions of a user and what he has granted, but for one session and what was granted in it.
func (a *Accounts) endAll(ctx context.Context, t db.Tx, tenant int32, user, but string) error {
	now := a.now().UnixMicro()
	if _, err := t.Exec(ctx, sessions.endAll, tenant, user, now, but); err != nil {
		return err
	}
	_, err := t.Exec(ctx, grants.endUser, tenant, "user/"+user, now, but)
	return err
}
