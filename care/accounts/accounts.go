package accounts

import (
	"context"
	"embed"
	"strconv"
	"time"

	"github.com/google/uuid"

	"github.com/ficushealth/ficus/care"
	"github.com/ficushealth/ficus/engine/access"
	"github.com/ficushealth/ficus/engine/audit"
	"github.com/ficushealth/ficus/engine/db"
	"github.com/ficushealth/ficus/fault"
)

//go:embed schema
var schema embed.FS

// Module is what accounts brings to the program.
func Module() care.Module { return care.Module{Name: "accounts", Schema: schema} }

// Options tunes Accounts; every zero value works.
type Options struct {
	Now   func() time.Time // nil is time.Now
	NewID func() string    // ids of users and tokens; nil makes UUIDs of version 7
}

// Accounts is the book of tenants, users and tokens. It is safe for concurrent use.
type Accounts struct {
	d   *db.DB
	log *audit.Log
	o   Options
}

// New opens the book in a database whose tables exist (care.Modules.Migrate). What is changed is told to the log.
func New(d *db.DB, log *audit.Log, o Options) *Accounts {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.NewID == nil {
		o.NewID = func() string { return uuid.Must(uuid.NewV7()).String() }
	}
	return &Accounts{d: d, log: log, o: o}
}

// mayAdminister lets only Ficus itself pass. Fault: Forbidden.
func mayAdminister(by access.Principal) error {
	if by.System {
		return nil
	}
	return fault.New(fault.Forbidden, "accounts are administered on the command line only")
}

// change runs one statement and audits it in one transaction. Faults: those of the database; Unknown, with the text, if
// the statement changes nothing.
func (a *Accounts) change(ctx context.Context, e audit.Entry, unknown string, stmt db.Text, args ...any) error {
	if err := a.log.Ready(e.Tenant); err != nil {
		return err
	}
	return a.d.Write(ctx, func(t db.Tx) error {
		n, err := t.Exec(ctx, stmt, args...)
		if err != nil {
			return err
		}
		if n == 0 {
			return fault.New(fault.Unknown, "%s", unknown)
		}
		return t.Last(ctx, func(p *db.Pipe) {
			a.log.Append(ctx, p, []audit.Entry{e}) // its error is that of Last
		})
	})
}

// entry is the audit entry of a change to a thing of this module.
func (a *Accounts) entry(by access.Principal, action, kind, id string) audit.Entry {
	return audit.Entry{
		Tenant: by.Tenant, At: a.o.Now(), Action: action, Outcome: audit.Success, Subject: by.Subject, Client: by.Client,
		Address: by.Address, RequestID: by.RequestID, Purpose: by.Purpose, Things: []audit.Thing{{Type: kind, ID: id}},
	}
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
