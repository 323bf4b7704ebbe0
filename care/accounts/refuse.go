package accounts

import (
	"context"

	"github.com/ficushealth/ficus/engine/access"
	"github.com/ficushealth/ficus/engine/audit"
	"github.com/ficushealth/ficus/fault"
)

// Refuse puts on record that somebody was not let do something with things of a kind, such as User, and why.
func (a *Accounts) Refuse(ctx context.Context, by access.Principal, action, kind string, why error) error {
	e := a.entry(by, action, kind, "")
	e.Outcome = audit.Refused
	if f := fault.Find(why); f != nil {
		e.Reason = f.Text
	}
	return a.log.Record(ctx, e)
}
