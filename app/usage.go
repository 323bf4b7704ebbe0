package app

import "github.com/ficushealth/ficus/fault"

// usage is the fault of a command that was asked for wrongly.
func usage(format string, args ...any) error { return fault.New(fault.Invalid, format, args...) }

// unfit is the fault of something that was looked at and is not right.
func unfit(format string, args ...any) error { return fault.New(fault.Unprocessable, format, args...) }
