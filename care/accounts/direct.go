package accounts

import (
	"context"
	"encoding/json"
	"strconv"
	"strings"

	"github.com/ficushealth/ficus/engine/access"
	"github.com/ficushealth/ficus/engine/db"
	"github.com/ficushealth/ficus/fault"
)

// OwnClient is the client of a tenant by which people sign in at the program itself, without an app. It is made when the first of
// them does, may use no grant type of OAuth, and does not end.
func OwnClient(tenant int32) string { return strconv.FormatInt(int64(tenant), 36) + ".ficus" }

var direct = struct{ client, grant, find, end db.Text }{
	client: db.Same(`INSERT INTO accounts_client (tenant, id, name, method, redirects, grants, scopes, created)
		VALUES ($1, $2, 'Ficus', 'none', '', '', '', $3) ON CONFLICT DO NOTHING`),
	grant: db.Same(`INSERT INTO accounts_grant (tenant, id, client, request, scopes, subject, session, claims, given, created, expires)
		VALUES ($1, $2, $3, '{}', $4, $5, $6, $7, $8, $8, $9)`),
	find: db.Same(`SELECT ` + visitColumns + ` FROM accounts_grant g JOIN accounts_session s ON s.tenant = g.tenant AND s.id = g.session` + visitJoins + `
		WHERE g.tenant = $1 AND g.id = $2 AND g.client = $5 AND g.ended IS NULL AND g.expires > $6 AND ` + visitStands),
	end: db.Same(`UPDATE accounts_session SET ended = $3 WHERE tenant = $1 AND ended IS NULL
		AND id = (SELECT session FROM accounts_grant WHERE tenant = $1 AND id = $2 AND client = $4)`),
}

// Direct gives a user who has just signed in a grant of the program's own client, which ends with his session. It may be had before a
// password that was given out for once is changed; see Here. Faults: Forbidden.
func (a *Accounts) Direct(ctx context.Context, by access.Principal, yes Yes, with ...Secret) (Grant, error) {
	_, session, err := signedIn(by)
	if err != nil {
		return Grant{}, err
	}
	g := Grant{Tenant: by.Tenant, ID: a.o.NewID(), Client: OwnClient(by.Tenant), Scopes: yes.Scopes, Subject: by.Subject, Session: session,
		Given: a.now(), Expires: a.now().Add(yes.Life)}
	claims, err := json.Marshal(yes.Claims)
	if err == nil {
		err = json.Unmarshal(claims, &g.Claims) // as they are read later
	}
	if err != nil {
		return Grant{}, err
	}
	return g, a.write(ctx, g.Tenant, func(t db.Tx) error {
		if _, err := t.Exec(ctx, direct.client, g.Tenant, g.Client, g.Given.UnixMicro()); err != nil {
			return err
		}
		_, err := t.Exec(ctx, direct.grant, g.Tenant, g.ID, g.Client, strings.Join(g.Scopes, " "), g.Subject, g.Session, string(claims), g.Given.UnixMicro(), g.Expires.UnixMicro())
		if err == nil {
			err = a.issue(ctx, t, g, with)
		}
		if err != nil {
			return err
		}
		return a.last(ctx, t, a.ofGrant(by, "grant", g))
	})
}

// Here is who has signed in by such a grant, as Session says it: the session counts as used. Fault: Unauthorized.
func (a *Accounts) Here(ctx context.Context, tenant int32, grant string) (access.Principal, Session, error) {
	return a.visit(ctx, tenant, direct.find, tenant, grant, a.before(idleTime), a.before(sessionTime), OwnClient(tenant), a.now().UnixMicro())
}

// keepOwn refuses to change the program's own client. Fault: Conflict.
func keepOwn(tenant int32, id string) error {
	if id == OwnClient(tenant) {
		return fault.New(fault.Conflict, "this is the program's own client, by which people sign in; it stays as it is")
	}
	return nil
}
