package db

import (
	"context"
	"errors"
	"fmt"

	"github.com/ficushealth/ficus/fault"
)

// Error is a failure that the database reported. It holds no values of rows; Unwrap gives its fault and, for a cancelled
// call, the context's error.
type Error struct {
	Fault      *fault.Error // the kind, and the text for a client
	Code       string       // SQLSTATE (PostgreSQL) or result code name (SQLite); empty if the database gave none
	Constraint string       // name of the violated constraint (PostgreSQL) or its columns (SQLite), if any
	Detail     string       // the database's own words where they cannot hold values
	Statement  string       // which statement of the call failed, and how it begins

	cause   error
	retry   bool
	inDoubt bool
}

// Error is for the log.
func (e *Error) Error() string {
	text := e.Fault.Text
	if e.Detail != "" {
		text += ": " + e.Detail
	}
	if e.Code != "" {
		text += " (" + e.Code + ")"
	}
	if e.Statement != "" {
		text = e.Statement + ": " + text
	}
	return text
}

// Unwrap gives the fault and the context's error.
func (e *Error) Unwrap() []error {
	if e.cause == nil {
		return []error{e.Fault}
	}
	return []error{e.Fault, e.cause}
}

// Retryable reports whether the same transaction may succeed if it is run again from its start: it lost against another
// one (serialization failure, deadlock, lock time-out) or against a change of the schema.
func Retryable(err error) bool {
	e, ok := errors.AsType[*Error](err)
	return ok && e.retry
}

// InDoubt reports whether the connection was lost while a commit was on its way: the change may or may not be stored.
func InDoubt(err error) bool {
	e, ok := errors.AsType[*Error](err)
	return ok && e.inDoubt
}

// Doubt is the error of a commit whose outcome is not known, for tests that stand in for a database.
func Doubt(f *fault.Error) error { return &Error{Fault: f, inDoubt: true} }

func newError(k fault.Kind, format string, args ...any) *Error {
	return &Error{Fault: fault.New(k, format, args...)}
}

// misuse is a mistake of the calling code.
func misuse(format string, args ...any) *Error { return newError(fault.Internal, format, args...) }

// stopped is the error of a call whose context ended.
func stopped(cause error) *Error {
	e := newError(fault.TimedOut, "the database call was stopped before it finished")
	e.cause = cause
	return e
}

func contextError(err error) error {
	for _, target := range []error{context.Canceled, context.DeadlineExceeded} {
		if errors.Is(err, target) {
			return target
		}
	}
	return nil
}

// scanError carries an error of the caller's own scan function past the mapping of database errors.
type scanError struct{ err error }

func (s scanError) Error() string { return s.err.Error() }

func place(i, n int, sql string) string {
	if n == 1 {
		return head(sql)
	}
	return fmt.Sprintf("statement %d of %d, %s", i+1, n, head(sql))
}
