package app

import (
	"context"

	"github.com/ficushealth/ficus/fault"
)

type adminCommand struct {
	Token adminToken `cmd:"" help:"Make a token and print it, once."`
}

type adminToken struct{}

// Run is called when the command line asks for it.
func (c *adminToken) Run(_ context.Context, _ *Streams) error {
	return fault.New(fault.Unsupported, "this build has no such command")
}
