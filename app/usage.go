package app

import "github.com/ficushealth/ficus/fault"

// wrongly is the fault of a command that was asked for wrongly, whatever it would have found: the exit code tells scripts.
type wrongly struct{ error }

// Unwrap gives the fault.
func (w wrongly) Unwrap() error { return w.error }

func usage(format string, args ...any) error {
	return wrongly{fault.New(fault.Invalid, format, args...)}
}

// unfit is the fault of something that was looked at and is not right.
func unfit(format string, args ...any) error { return fault.New(fault.Unprocessable, format, args...) }
