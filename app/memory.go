package app

import (
	"os"
	"runtime/debug"
)

// limitMemory lets the process collect garbage more often when it comes near the memory that is configured, unless the
// variable GOMEMLIMIT says something else. Its result undoes that.
func (c Config) limitMemory() (undo func()) {
	if c.Memory <= 0 || os.Getenv("GOMEMLIMIT") != "" {
		return func() {}
	}
	before := debug.SetMemoryLimit(c.Memory)
	return func() { debug.SetMemoryLimit(before) }
}
