package app

import (
	"log/slog"
	"math"
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

// tellMemory logs which limit is in force, and which setting says so.
func (c Config) tellMemory(log *slog.Logger) {
	limit, by := debug.SetMemoryLimit(-1), "memory"
	if os.Getenv("GOMEMLIMIT") != "" {
		by = "GOMEMLIMIT"
	}
	if limit == math.MaxInt64 {
		log.Info("no soft memory limit", slog.String("setting", by))
		return
	}
	log.Info("soft memory limit", slog.Int64("bytes", limit), slog.String("setting", by))
}
