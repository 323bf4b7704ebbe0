package app

import (
	"context"

	"github.com/ficushealth/ficus/fault"
)

type benchCommand struct{}

// Run is called when the command line asks for it.
func (c *benchCommand) Run(_ context.Context, _ *Streams) error {
	return fault.New(fault.Unsupported, "this build has no such command")
}
