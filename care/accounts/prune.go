package accounts

import (
	"context"
	"time"

	"github.com/ficushealth/ficus/engine/db"
	"github.com/ficushealth/ficus/engine/jobs"
)

// Kinds are the jobs of the book.
func (a *Accounts) Kinds() []jobs.Kind {
	return []jobs.Kind{{Name: "accounts.prune", Every: time.Hour, Do: func(ctx context.Context, _ *jobs.Job) error { return a.Prune(ctx) }}}
}

// knownTime is how long a device counts as known on which nobody has signed in since.
const knownTime = 180 * 24 * time.Hour

var pruning = struct{ grants, secrets, assertions, sessions, attempts db.Text }{
	grants:     db.Same(`DELETE FROM accounts_grant WHERE tenant = $1 AND expires < $2`),
	secrets:    db.Same(`DELETE FROM accounts_secret WHERE tenant = $1 AND expires < $2`),
	assertions: db.Same(`DELETE FROM accounts_assertion WHERE tenant = $1 AND expires < $2`),
	sessions:   db.Same(`DELETE FROM accounts_session WHERE tenant = $1 AND created < $2`),
	attempts:   db.Same(`DELETE FROM accounts_attempt WHERE tenant = $1 AND last < $2 AND (succeeded IS NULL OR last < $3)`),
}

// Prune deletes what has expired and counts no more. That it was there is on record.
func (a *Accounts) Prune(ctx context.Context) error {
	all, err := a.Tenants(ctx)
	for _, t := range all {
		if err == nil {
			err = a.prune(ctx, t.ID)
		}
	}
	return err
}

func (a *Accounts) prune(ctx context.Context, tenant int32) error {
	yesterday := a.before(24 * time.Hour)
	for _, stmt := range []db.Text{pruning.secrets, pruning.grants, pruning.assertions, pruning.sessions} {
		if _, err := a.d.Exec(ctx, stmt, tenant, yesterday); err != nil {
			return err
		}
	}
	_, err := a.d.Exec(ctx, pruning.attempts, tenant, a.before(forgotten), a.before(knownTime))
	return err
}
