package dump

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"

	"github.com/ficushealth/ficus/fault"
)

// fail makes a fault about the place where reading stands: line, byte, statement and table, never a value.
func (r *Reader) fail(kind fault.Kind, format string, args ...any) error {
	at := r.w.pos
	return r.failLine(kind, r.w.lineAt(at), r.column(at), r.w.offset(at), fmt.Sprintf(format, args...))
}

func (r *Reader) failLine(kind fault.Kind, line int64, col int, offset int64, text string) error {
	place := fmt.Sprintf("the dump, line %d, byte %d, statement %d", line, offset, r.number)
	table := ""
	if r.into != nil {
		table = r.into.table.String()
		place += ", table " + table
	}
	return fault.At(kind, fault.Issue{Code: "structure", Text: place + ": " + text, Expression: table, Line: int(line), Col: col})
}

// column is the column of buf[at], in bytes from 1; 0 if the line began before what is in memory.
func (r *Reader) column(at int) int {
	if i := bytes.LastIndexByte(r.w.buf[:at], '\n'); i >= 0 {
		return at - i
	}
	if r.w.base == 0 {
		return at + 1
	}
	return 0
}

// cut is the fault of a file that breaks off.
func (r *Reader) cut(what string) error {
	if err := r.broken(); err != nil {
		return err
	}
	return r.fail(fault.Invalid, "the dump breaks off: %s; make the dump again", what)
}

// broken says why there is nothing more to read, nil if it is the end of the file.
func (r *Reader) broken() error {
	err := r.w.err
	switch {
	case err == nil || err == io.EOF:
		return nil
	case fault.Find(err) != nil:
		return r.fail(fault.Of(err), "%s", fault.Find(err).Text)
	case errors.Is(err, io.ErrUnexpectedEOF):
		return r.fail(fault.Invalid, "the dump breaks off: the compressed data end early; copy the file again")
	case r.packed && !fromSystem(err):
		return r.fail(fault.Invalid, "the compressed data are damaged; copy the file again")
	}
	return fmt.Errorf("read the dump at byte %d: %w", r.w.offset(r.w.pos), err)
}

// fromSystem reports whether the operating system could not read, rather than the data being wrong.
func fromSystem(err error) bool {
	_, is := errors.AsType[*fs.PathError](err)
	return is
}
