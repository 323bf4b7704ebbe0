package app

import (
	"context"
	"fmt"

	"github.com/ficushealth/ficus/engine/db"
	"github.com/ficushealth/ficus/fault"
)

// alone keeps other processes from moving with the same pack into the database until release is called. With takeOver it
// goes on where another process is at work; that one finds out at its next commit, and stops.
func (a *Tenancy) alone(ctx context.Context, pack string, takeOver bool) (release func(), err error) {
	release, err = db.Alone(ctx, a.Config.DB, fmt.Sprintf("ficus migrate %d %s", a.Tenant, pack), a.Config.dbOptions())
	switch {
	case !fault.Is(err, fault.Conflict):
		return release, err
	case takeOver:
		return func() {}, nil
	}
	return nil, fault.New(fault.Conflict, "another ficus process is moving into this database: let it finish, or take its run over with migrate run --take-over")
}
