package accounts

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"time"

	"github.com/ficushealth/ficus/engine/access"
	"github.com/ficushealth/ficus/engine/audit"
	"github.com/ficushealth/ficus/engine/db"
	"github.com/ficushealth/ficus/fault"
)

// Asked is what a client has asked for (RFC 6749 section 4.1.1, RFC 7636, OpenID Connect Core, SMART App Launch).
type Asked struct {
	Redirect  string   `json:"redirect,omitempty"`
	State     string   `json:"state,omitempty"`
	Nonce     string   `json:"nonce,omitempty"`
	Challenge string   `json:"challenge,omitempty"` // code_challenge by S256
	Audience  []string `json:"audience,omitempty"`
	Launch    string   `json:"launch,omitempty"`
	Browser   string   `json:"browser,omitempty"` // stands for the one that has asked, which alone may answer
	Since     int64    `json:"since,omitempty"`   // seconds since 1970; who answers must have signed in later (prompt, max_age)
}

// Grant is what somebody has allowed a client, from the question on.
type Grant struct {
	Tenant  int32
	ID      string
	Client  string
	Asked   Asked
	Scopes  []string       // asked for, and once it is given: given
	Subject string         // who gave it, and for whom the client acts: user/ID or client/ID; empty: nobody yet
	Session string         // with which it ends; empty: it does not
	Claims  map[string]any // what tokens say of it
	Given   time.Time      // zero: asked for only
	Expires time.Time
	ended   bool
}

// Ended tells whether it was refused, revoked or ended otherwise than by its time.
func (g Grant) Ended() bool { return g.ended }

// Yes is somebody's answer to a request.
type Yes struct {
	Scopes []string
	Claims map[string]any
	Life   time.Duration
	Alone  bool // it goes on when the session ends: offline_access
}

// askedLife is how long a request waits for its answer.
const askedLife = 10 * time.Minute

const (
	grantColumns = `g.tenant, g.id, g.client, g.request, g.scopes, g.subject, g.session, g.claims, g.given, g.expires`
	// A grant has ended by itself, or with its client, or is not good as long as its user or tenant is not active. A session that
	// ends takes its grants along.
	grantEnded = `(g.ended IS NOT NULL OR c.ended IS NOT NULL OR NOT t.active OR g.subject LIKE 'user/%' AND NOT coalesce(u.active, false))`
	grantJoins = ` JOIN accounts_tenant t ON t.id = g.tenant JOIN accounts_client c ON c.tenant = g.tenant AND c.id = g.client
		LEFT JOIN accounts_user u ON u.tenant = g.tenant AND u.id = substr(g.subject, 6) `
)

var grants = struct{ ask, read, give, end, endSession, endUser, list db.Text }{
	ask: db.Same(`INSERT INTO accounts_grant (tenant, id, client, request, scopes, subject, given, created, expires)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`),
	read: db.Same(`SELECT ` + grantColumns + `, ` + grantEnded + ` FROM accounts_grant g` + grantJoins + `WHERE g.tenant = $1 AND g.id = $2`),
	give: db.Same(`UPDATE accounts_grant SET subject = $3, session = $4, scopes = $5, claims = $6, given = $7, expires = $8
		WHERE tenant = $1 AND id = $2 AND given IS NULL AND ended IS NULL AND expires > $7`),
	end:        db.Same(`UPDATE accounts_grant SET ended = $3 WHERE tenant = $1 AND id = $2 AND ended IS NULL`),
	endSession: db.Same(`UPDATE accounts_grant SET ended = $3 WHERE tenant = $1 AND session = $2 AND ended IS NULL`),
	endUser:    db.Same(`UPDATE accounts_grant SET ended = $3 WHERE tenant = $1 AND subject = $2 AND ended IS NULL AND (session IS NULL OR session <> $4)`),
	list: db.Same(`SELECT ` + grantColumns + `, ` + grantEnded + ` FROM accounts_grant g` + grantJoins + `
		WHERE g.tenant = $1 AND g.subject = $2 AND g.ended IS NULL AND g.expires > $3 ORDER BY g.created, g.id`),
}

// Ask keeps what a client asks for until somebody answers, with the secrets by which the client is going to ask for the answer.
// It is not on record: nothing is given yet, and whoever may use a browser may ask.
func (a *Accounts) Ask(ctx context.Context, c Client, asked Asked, scopes []string, with ...Secret) (Grant, error) {
	g := Grant{Tenant: c.Tenant, ID: a.o.NewID(), Client: c.ID, Asked: asked, Scopes: scopes, Expires: a.now().Add(askedLife)}
	err := a.d.Write(ctx, func(t db.Tx) error {
		if err := a.insert(ctx, t, g); err != nil {
			return err
		}
		return a.issue(ctx, t, g, with)
	})
	return g, err
}

// Own is a grant that a client gives itself: client credentials (RFC 6749 section 4.4).
func (a *Accounts) Own(ctx context.Context, c Client, scopes []string, life time.Duration) (Grant, error) {
	by := c.principal()
	g := Grant{Tenant: c.Tenant, ID: a.o.NewID(), Client: c.ID, Scopes: scopes, Subject: by.Subject, Given: a.now(), Expires: a.now().Add(life)}
	return g, a.write(ctx, c.Tenant, func(t db.Tx) error {
		if err := a.insert(ctx, t, g); err != nil {
			return err
		}
		return a.last(ctx, t, a.ofGrant(by, "grant", g))
	})
}

func (a *Accounts) insert(ctx context.Context, t db.Tx, g Grant) error {
	request, err := json.Marshal(g.Asked)
	if err != nil {
		return err
	}
	subject := db.Null[string]{V: g.Subject, OK: g.Subject != ""}
	_, err = t.Exec(ctx, grants.ask, g.Tenant, g.ID, g.Client, string(request), strings.Join(g.Scopes, " "), subject, micros(g.Given), a.now().UnixMicro(), g.Expires.UnixMicro())
	return err
}

// ofGrant is the audit entry of what happens to a grant.
func (a *Accounts) ofGrant(by access.Principal, action string, g Grant) audit.Entry {
	by.Client = "client/" + g.Client
	e := a.entry(by, action, "Grant", g.ID)
	e.Detail = strings.Join(g.Scopes, " ")
	return e
}

// Allow is the yes of the user who has signed in, with the secrets that the client gets for it. Faults: Forbidden; Unknown;
// Invalid for scopes that were not asked for; Conflict if the request has expired or was answered.
func (a *Accounts) Allow(ctx context.Context, by access.Principal, id string, yes Yes, with ...Secret) (g Grant, err error) {
	if _, err := itself(by); err != nil {
		return Grant{}, err
	}
	err = a.write(ctx, by.Tenant, func(t db.Tx) error {
		if g, err = a.grant(ctx, t, by.Tenant, id); err != nil {
			return err
		}
		if err := a.allow(ctx, t, &g, by, yes); err != nil {
			return err
		}
		if err := a.issue(ctx, t, g, with); err != nil {
			return err
		}
		return a.last(ctx, t, a.ofGrant(by, "grant", g))
	})
	if err != nil {
		return Grant{}, err
	}
	return g, nil
}

// allow turns a request into a grant.
func (a *Accounts) allow(ctx context.Context, t db.Tx, g *Grant, by access.Principal, yes Yes) error {
	if slices.ContainsFunc(yes.Scopes, func(s string) bool { return !slices.Contains(g.Scopes, s) }) {
		return fault.New(fault.Invalid, "no more can be given than was asked for")
	}
	claims, err := json.Marshal(yes.Claims)
	if err != nil {
		return err
	}
	ended := g.ended
	g.Subject, g.Scopes, g.Claims, g.Given, g.Expires = by.Subject, yes.Scopes, yes.Claims, a.now(), a.now().Add(yes.Life)
	if !yes.Alone {
		g.Session = by.Grant
	}
	session := db.Null[string]{V: g.Session, OK: g.Session != ""}
	n, err := t.Exec(ctx, grants.give, g.Tenant, g.ID, g.Subject, session, strings.Join(g.Scopes, " "), string(claims), g.Given.UnixMicro(), g.Expires.UnixMicro())
	if err == nil && (n == 0 || ended) {
		err = fault.New(fault.Conflict, "the request has expired or was answered already; begin again in the app")
	}
	return err
}

// End ends a grant and all that stands for it: for who gave it, for the client itself, and for who administers accounts. A request
// that nobody has answered is ended by any user of the tenant: his no. Faults: Forbidden; Unknown if there is none or it has
// ended.
func (a *Accounts) End(ctx context.Context, by access.Principal, id string) error {
	return a.write(ctx, by.Tenant, func(t db.Tx) error {
		g, err := a.grant(ctx, t, by.Tenant, id)
		if err != nil {
			return err
		}
		if by.Subject != g.Subject && by.Subject != "client/"+g.Client && !(g.Subject == "" && by.Grant != "") {
			if err := may(by, access.Writing); err != nil {
				return err
			}
		}
		if err := once(ctx, t, "there is no such grant that could be ended", grants.end, by.Tenant, id, a.now().UnixMicro()); err != nil {
			return err
		}
		return a.last(ctx, t, a.ofGrant(by, "end", g))
	})
}

// grant reads a grant. Fault: Unknown.
func (a *Accounts) grant(ctx context.Context, q querier, tenant int32, id string) (g Grant, err error) {
	err = q.Query(ctx, grants.read, []any{tenant, id}, func(r db.Row) (err error) {
		g, err = grantOf(r, 0)
		return err
	})
	if err == nil && g.ID == "" {
		err = fault.New(fault.Unknown, "there is no such grant")
	}
	return g, err
}

// Grant reads a grant, also one that waits for its answer. Faults: Unknown, also if it has ended or expired.
func (a *Accounts) Grant(ctx context.Context, tenant int32, id string) (Grant, error) {
	g, err := a.grant(ctx, a.d, tenant, id)
	if err == nil && !a.standing(g) {
		return Grant{}, fault.New(fault.Unknown, "there is no such grant")
	}
	return g, err
}

func (a *Accounts) standing(g Grant) bool { return !g.ended && a.o.Now().Before(g.Expires) }

// Acting is whom a client acts for by a grant, as long as that was given and stands, with what he may do by his roles now. Fault: Unauthorized.
func (a *Accounts) Acting(ctx context.Context, tenant int32, id string) (access.Principal, error) {
	g, err := a.grant(ctx, a.d, tenant, id)
	if fault.Is(err, fault.Unknown) || err == nil && (!a.standing(g) || g.Given.IsZero()) {
		return access.Principal{}, fault.New(fault.Unauthorized, "what was granted has expired or was ended")
	}
	p := access.Principal{Tenant: tenant, Subject: g.Subject, Client: "client/" + g.Client}
	if user, isUser := strings.CutPrefix(g.Subject, "user/"); err == nil && isUser {
		err = a.be(ctx, &p, user)
	}
	return p, err
}

// Grants lists what a user or client has given that still stands, by age.
func (a *Accounts) Grants(ctx context.Context, tenant int32, subject string) (all []Grant, err error) {
	err = a.d.Query(ctx, grants.list, []any{tenant, subject, a.now().UnixMicro()}, func(r db.Row) error {
		g, err := grantOf(r, 0)
		if !g.ended {
			all = append(all, g)
		}
		return err
	})
	return all, err
}

// grantOf reads the columns of a grant, and whether it has ended.
func grantOf(r db.Row, at int) (g Grant, err error) {
	g = Grant{Tenant: r.Int32(at), ID: r.Text(at + 1), Client: r.Text(at + 2), Scopes: strings.Fields(r.Text(at + 4)), Subject: r.Text(at + 5),
		Session: r.Text(at + 6), Given: instant(r, at+8), Expires: instant(r, at+9), ended: r.Bool(at + 10)}
	if err := json.Unmarshal([]byte(r.Text(at+3)), &g.Asked); err != nil {
		return g, err
	}
	if text := r.Text(at + 7); text != "" {
		err = json.Unmarshal([]byte(text), &g.Claims)
	}
	return g, err
}
