package db

import (
	"errors"
	"io"
	"net"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/ficushealth/ficus/fault"
)

// pgFault gives an error of pgx its kind. lost says that the connection is closed.
func pgFault(err error, lost bool) error {
	if err == nil {
		return nil
	}
	if own, ok := errors.AsType[*Error](err); ok {
		return own
	}
	if server, ok := errors.AsType[*pgconn.PgError](err); ok {
		return serverFault(server)
	}
	if cause := contextError(err); cause != nil {
		return stopped(cause)
	}
	if connect, ok := errors.AsType[*pgconn.ConnectError](err); ok {
		return unreachable(connect)
	}
	if strings.Contains(err.Error(), "preprocessing batch (build)") {
		return unsent(err)
	}
	_, network := errors.AsType[net.Error](err)
	if lost || network || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return newError(fault.Unavailable, "the connection to the database was lost")
	}
	if strings.Contains(err.Error(), "closed pool") {
		return errClosed()
	}
	return misuse("the database call failed")
}

// unreachable tells where and why. The configuration's password is in neither.
func unreachable(err *pgconn.ConnectError) *Error {
	e := newError(fault.Unavailable, "the database at %s:%d cannot be reached", err.Config.Host, err.Config.Port)
	if op, ok := errors.AsType[*net.OpError](err); ok {
		e.Detail = op.Err.Error()
	}
	return e
}

// unsent is an error before sending: an argument that does not fit its placeholder. The library quotes the value, so only
// the place is kept; it also closes the connection, which is no loss of the server.
func unsent(err error) *Error {
	e := misuse("the arguments do not fit the statement")
	if _, rest, ok := strings.Cut(err.Error(), "failed to encode "); ok {
		place, _, _ := strings.Cut(rest, ":")
		e.Detail = "cannot encode " + place
	}
	return e
}

func serverFault(p *pgconn.PgError) *Error {
	e := serverKind(p)
	e.Code, e.Constraint = p.Code, p.ConstraintName
	// Class 22 (data exceptions) quotes values; the other messages name tables, columns and constraints.
	if !strings.HasPrefix(p.Code, "22") {
		e.Detail = p.Message
	}
	return e
}

func serverKind(p *pgconn.PgError) *Error {
	switch p.Code {
	case "23505", "23P01":
		return newError(fault.Conflict, "something with the same key exists")
	case "40001", "40P01":
		return again(fault.Conflict, "another change came first; try again")
	case "55P03":
		return again(fault.Unavailable, "the database is busy; try again")
	case "0A000", "26000":
		return replanned(p)
	case "57014", "25P03", "25P04":
		return stopped(nil)
	case "53100":
		return newError(fault.Unavailable, "the disk of the database is full")
	case "22021":
		return badText()
	case "25006":
		return newError(fault.Unavailable, "the database accepts no writes now")
	case "3D000":
		return newError(fault.Unavailable, "the database that the URL names does not exist")
	}
	return serverClass(p.Code)
}

func serverClass(code string) *Error {
	switch code[:min(2, len(code))] {
	case "08", "53", "57", "58":
		return newError(fault.Unavailable, "the database cannot be used now")
	case "28":
		return newError(fault.Unavailable, "the database refused the sign-in")
	case "23":
		return misuse("a rule of the database was broken")
	}
	return misuse("the database refused a statement")
}

func again(k fault.Kind, text string) *Error {
	e := newError(k, "%s", text)
	e.retry = true
	return e
}

// replanned is a prepared statement that a change of the schema made useless; it is prepared anew the next time.
func replanned(p *pgconn.PgError) *Error {
	if p.Code == "26000" || strings.Contains(p.Message, "cached plan") {
		return again(fault.Unavailable, "the schema of the database has just changed; try again")
	}
	return misuse("the database refused a statement")
}
