package accounts

import (
	"context"
	"runtime"
	"strconv"
	"time"

	"github.com/google/uuid"

	"github.com/ficushealth/ficus/engine/access"
	"github.com/ficushealth/ficus/engine/audit"
	"github.com/ficushealth/ficus/engine/db"
	"github.com/ficushealth/ficus/engine/vault"
	"github.com/ficushealth/ficus/fault"
)

// Options tunes Accounts; every zero value works.
type Options struct {
	Now   func() time.Time // nil is time.Now
	NewID func() string    // ids of users, tokens, factors and sessions; nil makes UUIDs of version 7

	Vault  *vault.Vault // keys for what people sign in with; nil: nobody does, the book is only looked at
	Cost   Cost         // of hashing a password
	Policy Policy       // what a password must be
}

// Accounts is the book of tenants, users and tokens. It is safe for concurrent use.
type Accounts struct {
	d   *db.DB
	log *audit.Log
	o   Options

	busy chan struct{} // holds one for each password that is being hashed
}

// New opens the book in a database whose tables exist (care.Modules.Migrate). What is changed is told to the log.
func New(d *db.DB, log *audit.Log, o Options) *Accounts {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.NewID == nil {
		o.NewID = func() string { return uuid.Must(uuid.NewV7()).String() }
	}
	o.Cost, o.Policy = o.Cost.orDefault(), o.Policy.orDefault()
	return &Accounts{d: d, log: log, o: o, busy: make(chan struct{}, runtime.GOMAXPROCS(0))}
}

// mayAdminister lets only Ficus itself pass. Fault: Forbidden.
func mayAdminister(by access.Principal) error {
	if by.System {
		return nil
	}
	return fault.New(fault.Forbidden, "accounts are administered on the command line only")
}

// may lets pass who has the permission in his whole tenant, and Ficus itself. Fault: Forbidden.
func may(by access.Principal, action access.Action) error {
	if by.System || by.Roles.Allow(access.Permission{Resource: "accounts", Action: action, Reach: access.All}) {
		return nil
	}
	return fault.New(fault.Forbidden, "this needs a role with the permission accounts %s all", action)
}

// change runs one statement and audits it in one transaction. Faults: those of the database; Unknown, with the text, if
// the statement changes nothing.
func (a *Accounts) change(ctx context.Context, e audit.Entry, unknown string, stmt db.Text, args ...any) error {
	return a.write(ctx, e.Tenant, func(t db.Tx) error {
		if err := once(ctx, t, unknown, stmt, args...); err != nil {
			return err
		}
		return a.last(ctx, t, e)
	})
}

// write runs a transaction that ends with last. The audit's key of the tenant is fetched before it.
func (a *Accounts) write(ctx context.Context, tenant int32, do func(db.Tx) error) error {
	if err := a.log.Ready(tenant); err != nil {
		return err
	}
	return a.d.Write(ctx, do)
}

// once runs a statement that must change something. Fault: Unknown, with the text, if it does not.
func once(ctx context.Context, t db.Tx, unknown string, stmt db.Text, args ...any) error {
	n, err := t.Exec(ctx, stmt, args...)
	if err == nil && n == 0 {
		err = fault.New(fault.Unknown, "%s", unknown)
	}
	return err
}

// last audits, and ends the transaction.
func (a *Accounts) last(ctx context.Context, t db.Tx, entries ...audit.Entry) error {
	return t.Last(ctx, func(p *db.Pipe) {
		a.log.Append(ctx, p, entries) // its error is that of Last
	})
}

// entry is the audit entry of a change to a thing of this module.
func (a *Accounts) entry(by access.Principal, action, kind, id string) audit.Entry {
	return audit.Of(by, action, a.o.Now(), audit.Thing{Type: kind, ID: id})
}

// now is the instant as the database keeps it.
func (a *Accounts) now() time.Time { return a.o.Now().UTC().Truncate(time.Microsecond) }

func number(n int32) string { return strconv.Itoa(int(n)) }

// micros is an instant in the database; the zero time is NULL.
func micros(t time.Time) db.Null[int64] {
	if t.IsZero() {
		return db.Null[int64]{}
	}
	return db.Some(t.UnixMicro())
}

// instant reads it back.
func instant(r db.Row, i int) time.Time {
	if r.IsNull(i) {
		return time.Time{}
	}
	return time.UnixMicro(r.Int64(i)).UTC()
}
