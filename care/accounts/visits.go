package accounts

import (
	"context"

	"github.com/ficushealth/ficus/engine/db"
	"github.com/ficushealth/ficus/fault"
)

const visitsWhich = `tenant = $1 AND ($2 = '' OR user_id = $2) AND ($5 = '' OR id = $5) AND ended IS NULL AND seen > $3 AND created > $4`

var visits = struct{ count, page db.Text }{
	count: db.Same(`SELECT count(*) FROM accounts_session WHERE ` + visitsWhich),
	page:  db.Same(`SELECT id, user_id, factors, agent, address, created, seen FROM accounts_session WHERE ` + visitsWhich + ` ORDER BY created DESC, id LIMIT $6 OFFSET $7`),
}

// SessionPage is a page of the sessions of a user, or of everybody in the tenant, that have not ended, the newest first, and how many
// there are in all.
func (a *Accounts) SessionPage(ctx context.Context, tenant int32, user string, p Page) (list []Session, total int, err error) {
	return a.visits(ctx, tenant, user, "", p)
}

// OneSession finds a session that has not ended. Fault: Unknown.
func (a *Accounts) OneSession(ctx context.Context, tenant int32, id string) (Session, error) {
	list, _, err := a.visits(ctx, tenant, "", id, Page{1, 1})
	if err == nil && (len(list) == 0 || id == "") {
		err = fault.New(fault.Unknown, "there is no such session")
	}
	if err != nil {
		return Session{}, err
	}
	return list[0], nil
}

func (a *Accounts) visits(ctx context.Context, tenant int32, user, id string, p Page) (list []Session, total int, err error) {
	args := []any{tenant, user, a.before(idleTime), a.before(sessionTime), id}
	err = a.d.Read(ctx, func(t db.Tx) error {
		if err := t.Query(ctx, visits.count, args, func(r db.Row) error { total = int(r.Int64(0)); return nil }); err != nil {
			return err
		}
		return t.Query(ctx, visits.page, append(args[:5:5], p.Size, p.skipped()), func(r db.Row) error {
			list = append(list, sessionOf(r))
			return nil
		})
	})
	return list, total, err
}
