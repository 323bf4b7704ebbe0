package db

import (
	"encoding/binary"
	"fmt"
	"math"

	"zombiezen.com/go/sqlite"
)

// A column is one slice of Each or EachQuery. It binds one row on SQLite and encodes itself as an array on PostgreSQL.
type column interface {
	len() int
	bind(s *sqlite.Stmt, param, row int) error
	// element appends the element in PostgreSQL's binary form, with its length before it (-1 for NULL). The oid is the
	// type of the array's elements.
	element(buf []byte, row int, oid uint32) ([]byte, error)
}

// columnOf accepts []int64, []int32, []int, []float64, []bool, []string, [][]byte (nil is NULL) and []Null of each of
// these but []byte.
func columnOf(v any) (column, error) {
	switch v := v.(type) {
	case []int64:
		return numbers[int64](v), nil
	case []int32:
		return numbers[int32](v), nil
	case []int:
		return numbers[int](v), nil
	case []float64:
		return floats(v), nil
	case []bool:
		return bools(v), nil
	case []string:
		return texts(v), nil
	case [][]byte:
		return blobs(v), nil
	}
	return nullColumnOf(v)
}

func nullColumnOf(v any) (column, error) {
	switch v := v.(type) {
	case []Null[int64]:
		return nullsOf(v, func(x []int64) column { return numbers[int64](x) }), nil
	case []Null[int32]:
		return nullsOf(v, func(x []int32) column { return numbers[int32](x) }), nil
	case []Null[int]:
		return nullsOf(v, func(x []int) column { return numbers[int](x) }), nil
	case []Null[float64]:
		return nullsOf(v, func(x []float64) column { return floats(x) }), nil
	case []Null[bool]:
		return nullsOf(v, func(x []bool) column { return bools(x) }), nil
	case []Null[string]:
		return nullsOf(v, func(x []string) column { return texts(x) }), nil
	}
	return nil, misuse("a column of type %T", v)
}

// columnsOf checks that all slices are equally long and gives that length.
func columnsOf(slices []any) ([]column, int, error) {
	cols := make([]column, len(slices))
	for i, s := range slices {
		c, err := columnOf(s)
		if err != nil {
			return nil, 0, err
		}
		if i > 0 && c.len() != cols[0].len() {
			return nil, 0, misuse("column %d has %d rows, column 1 has %d", i+1, c.len(), cols[0].len())
		}
		cols[i] = c
	}
	if len(cols) == 0 {
		return nil, 0, misuse("no columns")
	}
	return cols, cols[0].len(), nil
}

// The element types of PostgreSQL arrays that a column can become.
const (
	oidBool    = 16
	oidBytea   = 17
	oidInt8    = 20
	oidInt2    = 21
	oidInt4    = 23
	oidText    = 25
	oidFloat4  = 700
	oidFloat8  = 701
	oidBpchar  = 1042
	oidVarchar = 1043
)

func wrongElement(what string, oid uint32) error {
	return fmt.Errorf("a column of %s for an array of type oid %d", what, oid)
}

type numbers[T int | int32 | int64] []T

func (c numbers[T]) len() int { return len(c) }

func (c numbers[T]) bind(s *sqlite.Stmt, param, row int) error {
	s.BindInt64(param, int64(c[row]))
	return nil
}

func (c numbers[T]) element(buf []byte, row int, oid uint32) ([]byte, error) {
	v := int64(c[row])
	switch oid {
	case oidInt8:
		buf = binary.BigEndian.AppendUint32(buf, 8)
		return binary.BigEndian.AppendUint64(buf, uint64(v)), nil
	case oidInt4:
		if v != int64(int32(v)) {
			return nil, fmt.Errorf("row %d is beyond int4", row)
		}
		buf = binary.BigEndian.AppendUint32(buf, 4)
		return binary.BigEndian.AppendUint32(buf, uint32(v)), nil
	case oidInt2:
		if v != int64(int16(v)) {
			return nil, fmt.Errorf("row %d is beyond int2", row)
		}
		buf = binary.BigEndian.AppendUint32(buf, 2)
		return binary.BigEndian.AppendUint16(buf, uint16(v)), nil
	}
	return nil, wrongElement("integers", oid)
}

type floats []float64

func (c floats) len() int { return len(c) }

func (c floats) bind(s *sqlite.Stmt, param, row int) error {
	s.BindFloat(param, c[row])
	return nil
}

func (c floats) element(buf []byte, row int, oid uint32) ([]byte, error) {
	if oid != oidFloat8 {
		return nil, wrongElement("float64", oid)
	}
	buf = binary.BigEndian.AppendUint32(buf, 8)
	return binary.BigEndian.AppendUint64(buf, math.Float64bits(c[row])), nil
}

type bools []bool

func (c bools) len() int { return len(c) }

func (c bools) bind(s *sqlite.Stmt, param, row int) error {
	s.BindBool(param, c[row])
	return nil
}

func (c bools) element(buf []byte, row int, oid uint32) ([]byte, error) {
	if oid != oidBool {
		return nil, wrongElement("bool", oid)
	}
	buf = binary.BigEndian.AppendUint32(buf, 1)
	if c[row] {
		return append(buf, 1), nil
	}
	return append(buf, 0), nil
}

type texts []string

func (c texts) len() int { return len(c) }

func (c texts) bind(s *sqlite.Stmt, param, row int) error { return bindText(s, param, c[row]) }

func (c texts) element(buf []byte, row int, oid uint32) ([]byte, error) {
	if oid != oidText && oid != oidVarchar && oid != oidBpchar {
		return nil, wrongElement("text", oid)
	}
	buf = binary.BigEndian.AppendUint32(buf, uint32(len(c[row])))
	return append(buf, c[row]...), nil
}

type blobs [][]byte

func (c blobs) len() int { return len(c) }

func (c blobs) bind(s *sqlite.Stmt, param, row int) error {
	bindBytes(s, param, c[row])
	return nil
}

func (c blobs) element(buf []byte, row int, oid uint32) ([]byte, error) {
	if oid != oidBytea {
		return nil, wrongElement("bytes", oid)
	}
	if c[row] == nil {
		return binary.BigEndian.AppendUint32(buf, math.MaxUint32), nil
	}
	buf = binary.BigEndian.AppendUint32(buf, uint32(len(c[row])))
	return append(buf, c[row]...), nil
}

// nulls is a column of which some rows are NULL; the plain column handles the others.
type nulls struct {
	column
	null []bool
}

func nullsOf[T any](rows []Null[T], plain func([]T) column) column {
	values, null := make([]T, len(rows)), make([]bool, len(rows))
	for i, r := range rows {
		values[i], null[i] = r.V, !r.OK
	}
	return nulls{plain(values), null}
}

func (c nulls) bind(s *sqlite.Stmt, param, row int) error {
	if c.null[row] {
		s.BindNull(param)
		return nil
	}
	return c.column.bind(s, param, row)
}

func (c nulls) element(buf []byte, row int, oid uint32) ([]byte, error) {
	if c.null[row] {
		return binary.BigEndian.AppendUint32(buf, math.MaxUint32), nil
	}
	return c.column.element(buf, row, oid)
}
