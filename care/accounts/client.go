package accounts

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/ficushealth/ficus/engine/access"
	"github.com/ficushealth/ficus/engine/db"
	"github.com/ficushealth/ficus/fault"
)

// How a client shows who it is (RFC 7591 section 2).
const (
	MethodNone  = "none"
	MethodBasic = "client_secret_basic"
	MethodPost  = "client_secret_post"
	MethodJWT   = "private_key_jwt"
)

// The grant types (RFC 6749 section 4, RFC 8628 section 3.4).
const (
	GrantCode    = "authorization_code"
	GrantRefresh = "refresh_token"
	GrantClient  = "client_credentials"
	GrantDevice  = "urn:ietf:params:oauth:grant-type:device_code"
)

// Client is a program that asks for grants (RFC 6749 section 2).
type Client struct {
	Tenant    int32
	ID        string // begins with the tenant, which is found by it
	Name      string
	Method    string
	JWKS      string // its public keys in JSON, or the https address where they are, for MethodJWT
	Redirects []string
	Grants    []string // grant types
	Scopes    []string // what it may ask for at most
	Created   time.Time
	secret    []byte
}

// May tells whether the client may use a grant type.
func (c Client) May(grant string) bool { return slices.Contains(c.Grants, grant) }

// Knows tells whether a text is the client's secret, in a time that does not depend on where they differ.
func (c Client) Knows(secret string) bool {
	sum := sha256.Sum256([]byte(secret))
	return len(c.secret) > 0 && subtle.ConstantTimeCompare(sum[:], c.secret) == 1
}

// principal is the client itself as the one who does something.
func (c Client) principal() access.Principal {
	return access.Principal{Tenant: c.Tenant, Subject: "client/" + c.ID, Name: c.Name, Client: "client/" + c.ID}
}

const clientColumns = `tenant, id, name, method, secret, jwks, redirects, grants, scopes, created`

var clients = struct{ add, find, list, end, endGrants db.Text }{
	add: db.Same(`INSERT INTO accounts_client (tenant, id, name, method, secret, jwks, redirects, grants, scopes, created)
		SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9, $10 WHERE EXISTS (SELECT 1 FROM accounts_tenant WHERE id = $1)`),
	find: db.Same(`SELECT c.tenant, c.id, c.name, c.method, c.secret, c.jwks, c.redirects, c.grants, c.scopes, c.created FROM accounts_client c
		JOIN accounts_tenant t ON t.id = c.tenant AND t.active WHERE c.tenant = $1 AND c.id = $2 AND c.ended IS NULL`),
	list: db.Same(`SELECT ` + clientColumns + ` FROM accounts_client
		WHERE tenant = $1 AND ended IS NULL ORDER BY created, id`),
	end:       db.Same(`UPDATE accounts_client SET ended = $3 WHERE tenant = $1 AND id = $2 AND ended IS NULL`),
	endGrants: db.Same(`UPDATE accounts_grant SET ended = $3 WHERE tenant = $1 AND client = $2 AND ended IS NULL`),
}

// Register makes a client of by's tenant. One whose method is a secret gets one, which is shown this once. Faults: Forbidden, also of who
// may not do himself what it may do for itself; Invalid for methods and grant types that there are not, for addresses to which no code is sent, and for keys and scopes that cannot be read; Unknown if there is no such tenant.
func (a *Accounts) Register(ctx context.Context, by access.Principal, c Client) (made Client, secret string, err error) {
	if err := may(by, access.Writing); err != nil {
		return Client{}, "", err
	}
	if err := c.check(); err != nil {
		return Client{}, "", err
	}
	if err := mayHandle(by, c); err != nil {
		return Client{}, "", err
	}
	c.Tenant, c.Created = by.Tenant, a.now()
	c.ID = strconv.FormatInt(int64(by.Tenant), 36) + "." + a.o.NewID()
	if c.Method == MethodBasic || c.Method == MethodPost {
		secret = newSecret("", by.Tenant)
		sum := sha256.Sum256([]byte(secret))
		c.secret = sum[:]
	}
	err = a.change(ctx, a.entry(by, "create", "Client", c.ID), "there is no such tenant", clients.add, c.Tenant, c.ID, c.Name, c.Method, c.secret,
		db.Null[string]{V: c.JWKS, OK: c.JWKS != ""}, strings.Join(c.Redirects, " "), strings.Join(c.Grants, " "), strings.Join(c.Scopes, " "), c.Created.UnixMicro())
	if err != nil {
		return Client{}, "", err
	}
	return c, secret, nil
}

func (c Client) check() error {
	switch {
	case c.Name == "":
		return fault.New(fault.Invalid, "a client needs a name")
	case !slices.Contains([]string{MethodNone, MethodBasic, MethodPost, MethodJWT}, c.Method):
		return fault.New(fault.Invalid, "the method of a client is none, client_secret_basic, client_secret_post or private_key_jwt")
	case (c.Method == MethodJWT) != (c.JWKS != ""):
		return fault.New(fault.Invalid, "a client has public keys if it signs by private_key_jwt, and only then")
	case slices.ContainsFunc(slices.Concat(c.Redirects, c.Grants, c.Scopes), func(word string) bool { return word == "" || strings.ContainsAny(word, " \t\r\n") }):
		return fault.New(fault.Invalid, "redirect addresses, grant types and scopes hold no white space")
	}
	return c.checkParts()
}

// grantTypes are those that there are.
var grantTypes = [...]string{GrantCode, GrantRefresh, GrantClient, GrantDevice}

func (c Client) checkParts() error {
	for _, g := range c.Grants {
		if !slices.Contains(grantTypes[:], g) || g == GrantClient && c.Method == MethodNone {
			return fault.New(fault.Invalid, "the grant types are %s; client_credentials needs a client that shows who it is", strings.Join(grantTypes[:], ", "))
		}
	}
	for _, r := range c.Redirects {
		if err := c.checkRedirect(r); err != nil {
			return err
		}
	}
	if c.JWKS != "" {
		if err := c.checkKeys(); err != nil {
			return err
		}
	}
	_, err := access.ParseScopes(strings.Join(c.Scopes, " "))
	return err
}

// Client finds a client by its id, before anybody knows to which tenant it belongs. Fault: Unknown, also if it has ended or
// its tenant is not active.
func (a *Accounts) Client(ctx context.Context, id string) (c Client, err error) {
	number, _, _ := strings.Cut(id, ".")
	tenant, err := strconv.ParseInt(number, 36, 32)
	if err == nil {
		err = a.d.Query(ctx, clients.find, []any{int32(tenant), id}, func(r db.Row) error {
			c = clientOf(r)
			return nil
		})
		if err != nil {
			return Client{}, err
		}
	}
	if c.ID == "" {
		return Client{}, fault.New(fault.Unknown, "there is no such client")
	}
	return c, nil
}

func clientOf(r db.Row) Client {
	return Client{Tenant: r.Int32(0), ID: r.Text(1), Name: r.Text(2), Method: r.Text(3), secret: r.Bytes(4), JWKS: r.Text(5),
		Redirects: strings.Fields(r.Text(6)), Grants: strings.Fields(r.Text(7)), Scopes: strings.Fields(r.Text(8)), Created: instant(r, 9)}
}

// Clients lists the clients of a tenant that have not ended, by age.
func (a *Accounts) Clients(ctx context.Context, tenant int32) (all []Client, err error) {
	err = a.d.Query(ctx, clients.list, []any{tenant}, func(r db.Row) error {
		all = append(all, clientOf(r))
		return nil
	})
	return all, err
}

// EndClient ends a client and all that was granted to it. Faults: Forbidden; Unknown if there is none or it has ended; Conflict
// for the program's own.
func (a *Accounts) EndClient(ctx context.Context, by access.Principal, id string) error {
	return a.handle(ctx, by, id, "delete", func(t db.Tx, c Client) error {
		now := a.now().UnixMicro()
		_, err := t.Exec(ctx, clients.end, c.Tenant, c.ID, now)
		if err == nil {
			_, err = t.Exec(ctx, clients.endGrants, c.Tenant, c.ID, now)
		}
		return err
	})
}

// Seen remembers an assertion by which a client has shown who it is, until it expires by itself. Fault: Conflict if it was
// shown before (RFC 7523 section 3).
func (a *Accounts) Seen(ctx context.Context, c Client, jti string, expires time.Time) error {
	sum := sha256.Sum256([]byte(jti))
	_, err := a.d.Exec(ctx, secrets.seen, c.Tenant, c.ID, sum[:], expires.UnixMicro())
	if fault.Is(err, fault.Conflict) {
		return fault.New(fault.Conflict, "the assertion was shown before")
	}
	return err
}
