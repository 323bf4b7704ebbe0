package app

import (
	"context"

	"github.com/ficushealth/ficus/fault"
)

type auditCommand struct {
	Verify auditVerify `cmd:"" help:"Check that no entry was changed, removed or put in."`
}

type auditVerify struct{}

// Run is called when the command line asks for it.
func (c *auditVerify) Run(_ context.Context, _ *Streams) error {
	return fault.New(fault.Unsupported, "this build has no such command")
}
