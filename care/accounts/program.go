package accounts

import (
	"context"
	"crypto/sha256"
	"slices"
	"strings"

	"github.com/ficushealth/ficus/engine/access"
	"github.com/ficushealth/ficus/engine/db"
	"github.com/ficushealth/ficus/fault"
)

var programs = struct{ count, page, lock, change, secret db.Text }{
	count: db.Same(`SELECT count(*) FROM accounts_client WHERE tenant = $1 AND ended IS NULL`),
	page:  db.Same(`SELECT ` + clientColumns + ` FROM accounts_client WHERE tenant = $1 AND ended IS NULL ORDER BY created, id LIMIT $2 OFFSET $3`),
	lock: db.Text{
		SQLite:   `SELECT ` + clientColumns + ` FROM accounts_client WHERE tenant = $1 AND id = $2 AND ended IS NULL`,
		Postgres: `SELECT ` + clientColumns + ` FROM accounts_client WHERE tenant = $1 AND id = $2 AND ended IS NULL FOR UPDATE`,
	},
	change: db.Same(`UPDATE accounts_client SET name = $3, redirects = $4, scopes = $5 WHERE tenant = $1 AND id = $2`),
	secret: db.Same(`UPDATE accounts_client SET secret = $3 WHERE tenant = $1 AND id = $2`),
}

// mayHandle lets pass who may make, change and end a client: who looks after accounts and may do himself what the client may do for
// itself. Fault: Forbidden.
func mayHandle(by access.Principal, c Client) error {
	if err := may(by, access.Writing); err != nil || by.System {
		return err
	}
	scopes, err := access.ParseScopes(strings.Join(c.Scopes, " "))
	if err == nil && !by.Roles.Gives(scopes) {
		err = fault.New(fault.Forbidden, "nobody makes, changes or ends a client that may do more for itself than he may do")
	}
	return err
}

// ClientPage is a page of the clients of a tenant that have not ended, by age, and how many there are in all.
func (a *Accounts) ClientPage(ctx context.Context, tenant int32, p Page) (list []Client, total int, err error) {
	err = a.d.Read(ctx, func(t db.Tx) error {
		if err := t.Query(ctx, programs.count, []any{tenant}, func(r db.Row) error { total = int(r.Int64(0)); return nil }); err != nil {
			return err
		}
		return t.Query(ctx, programs.page, []any{tenant, p.Size, p.skipped()}, func(r db.Row) error {
			list = append(list, clientOf(r))
			return nil
		})
	})
	return list, total, err
}

// ClientChange is what becomes of a client; nil stays as it is.
type ClientChange struct {
	Name              *string
	Redirects, Scopes *[]string
}

// ChangeClient changes a client, unless check refuses what it is before. If it may ask for less than before, all that was granted to it
// ends. Faults: Forbidden; Unknown; Invalid as in Register; Conflict for the program's own; those of check.
func (a *Accounts) ChangeClient(ctx context.Context, by access.Principal, id string, change ClientChange, check func(Client) error) (c Client, err error) {
	err = a.handle(ctx, by, id, "update", func(t db.Tx, now Client) error {
		if err := check(now); err != nil {
			return err
		}
		c = now.changed(change)
		if err := c.check(); err != nil {
			return err
		}
		if err := mayHandle(by, c); err != nil {
			return err
		}
		_, err := t.Exec(ctx, programs.change, c.Tenant, c.ID, c.Name, strings.Join(c.Redirects, " "), strings.Join(c.Scopes, " "))
		if err == nil && slices.ContainsFunc(now.Scopes, func(s string) bool { return !slices.Contains(c.Scopes, s) }) {
			_, err = t.Exec(ctx, clients.endGrants, c.Tenant, c.ID, a.now().UnixMicro())
		}
		return err
	})
	return c, err
}

func (c Client) changed(change ClientChange) Client {
	if change.Name != nil {
		c.Name = *change.Name
	}
	if change.Redirects != nil {
		c.Redirects = *change.Redirects
	}
	if change.Scopes != nil {
		c.Scopes = *change.Scopes
	}
	return c
}

// NewClientSecret gives a client another secret, which is shown this once; the one before is worth nothing from now on. Faults: as
// ChangeClient; Conflict if it shows itself otherwise.
func (a *Accounts) NewClientSecret(ctx context.Context, by access.Principal, id string) (secret string, err error) {
	secret = newSecret("", by.Tenant)
	err = a.handle(ctx, by, id, "new-secret", func(t db.Tx, c Client) error {
		if c.Method != MethodBasic && c.Method != MethodPost {
			return fault.New(fault.Conflict, "the client has no secret: it shows itself by %s", c.Method)
		}
		sum := sha256.Sum256([]byte(secret))
		_, err := t.Exec(ctx, programs.secret, c.Tenant, c.ID, sum[:])
		return err
	})
	if err != nil {
		return "", err
	}
	return secret, nil
}

// handle does something to a client that by may handle, and audits it. Faults: Forbidden; Unknown if there is none or it has ended;
// Conflict for the program's own.
func (a *Accounts) handle(ctx context.Context, by access.Principal, id, action string, do func(db.Tx, Client) error) error {
	if err := may(by, access.Writing); err != nil {
		return err
	}
	if err := keepOwn(by.Tenant, id); err != nil {
		return err
	}
	return a.write(ctx, by.Tenant, func(t db.Tx) error {
		var c Client
		err := t.Query(ctx, programs.lock, []any{by.Tenant, id}, func(r db.Row) error {
			c = clientOf(r)
			return nil
		})
		if err == nil && c.ID == "" {
			err = fault.New(fault.Unknown, "there is no such client")
		}
		if err == nil {
			err = mayHandle(by, c)
		}
		if err == nil {
			err = do(t, c)
		}
		if err != nil {
			return err
		}
		return a.last(ctx, t, a.entry(by, action, "Client", id))
	})
}
