package db

import (
	"strings"

	"zombiezen.com/go/sqlite"

	"github.com/ficushealth/ficus/fault"
)

// liteFault gives a SQLite error its kind. SQLite's messages name tables and columns; what stands in quotes may be a value
// and is cut.
func liteFault(err error) error {
	if err == nil {
		return nil
	}
	e := liteError(err)
	e.Detail, _, _ = strings.Cut(e.Detail, `"`)
	e.Detail, _, _ = strings.Cut(e.Detail, `'`)
	return e
}

// liteError keeps the whole message: for errors about the text of a statement, which holds no values.
func liteError(err error) *Error {
	code := sqlite.ErrCode(err)
	e := liteKind(code)
	e.Code = code.String()
	e.Detail = detail(err.Error())
	if i := strings.LastIndex(e.Detail, failedMark); i >= 0 {
		e.Constraint = e.Detail[i+len(failedMark):]
	}
	return e
}

// failedMark stands in SQLite's messages before the columns of a broken constraint.
const failedMark = "constraint failed: "

func liteKind(code sqlite.ResultCode) *Error {
	if code == sqlite.ResultReadOnlyDirectory || code == sqlite.ResultReadOnlyCantInit {
		return newError(fault.Unavailable, "the folder of the database file cannot be written to; SQLite keeps files beside it, even to read")
	}
	switch code.ToPrimary() {
	case sqlite.ResultBusy, sqlite.ResultLocked:
		e := newError(fault.Unavailable, "the database is busy; try again")
		e.retry = true
		return e
	case sqlite.ResultFull:
		return newError(fault.Unavailable, "the disk of the database is full")
	case sqlite.ResultInterrupt:
		return stopped(nil)
	case sqlite.ResultConstraint:
		return constraint(code)
	case sqlite.ResultIOErr, sqlite.ResultCantOpen, sqlite.ResultPerm, sqlite.ResultNoMem, sqlite.ResultProtocol:
		return newError(fault.Unavailable, "the database file cannot be used")
	case sqlite.ResultReadOnly:
		return newError(fault.Unavailable, "the database is open for reading only")
	case sqlite.ResultCorrupt, sqlite.ResultNotADB:
		return newError(fault.Internal, "the file is damaged or not a database")
	case sqlite.ResultTooBig:
		return newError(fault.TooLarge, "a value is larger than the database takes")
	}
	return misuse("the database refused a statement")
}

func constraint(code sqlite.ResultCode) *Error {
	switch code {
	case sqlite.ResultConstraintUnique, sqlite.ResultConstraintPrimaryKey, sqlite.ResultConstraintRowID:
		return newError(fault.Conflict, "something with the same key exists")
	}
	return misuse("a rule of the database was broken")
}

// detail drops the library's own prefix.
func detail(text string) string {
	text = strings.TrimPrefix(text, "sqlite: ")
	return strings.TrimPrefix(text, "step: ")
}
