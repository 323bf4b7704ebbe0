package app

import (
	"context"

	"github.com/ficushealth/ficus/fault"
)

type migrateCommand struct {
	Plan migratePlan `cmd:"" help:"Say what would be moved."`
}

type migratePlan struct{}

// Run is called when the command line asks for it.
func (c *migratePlan) Run(_ context.Context, _ *Streams) error {
	return fault.New(fault.Unsupported, "this build has no such command")
}
