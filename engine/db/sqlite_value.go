package db

import (
	"encoding/json"
	"strings"
	"unicode/utf8"

	"zombiezen.com/go/sqlite"

	"github.com/ficushealth/ficus/fault"
)

// bind sets one placeholder. A slice becomes a JSON array, for json_each.
func bind(s *sqlite.Stmt, param int, arg any) error {
	switch v := arg.(type) {
	case nil:
		s.BindNull(param)
	case int64:
		s.BindInt64(param, v)
	case int:
		s.BindInt64(param, int64(v))
	case string:
		return bindText(s, param, v)
	case []byte:
		bindBytes(s, param, v)
	case bool:
		s.BindBool(param, v)
	case float64:
		s.BindFloat(param, v)
	case nullable:
		return bind(s, param, v.value())
	case []int64, []int32, []int, []string:
		return bindJSON(s, param, v)
	default:
		return bindSmall(s, param, arg)
	}
	return nil
}

func bindSmall(s *sqlite.Stmt, param int, arg any) error {
	switch v := arg.(type) {
	case int32:
		s.BindInt64(param, int64(v))
	case int16:
		s.BindInt64(param, int64(v))
	case uint32:
		s.BindInt64(param, int64(v))
	case uint16:
		s.BindInt64(param, int64(v))
	case uint8:
		s.BindInt64(param, int64(v))
	default:
		return misuse("argument %d has type %T", param, arg)
	}
	return nil
}

// bindText refuses what PostgreSQL refuses, so that both databases hold the same texts.
func bindText(s *sqlite.Stmt, param int, v string) error {
	if strings.IndexByte(v, 0) >= 0 || !utf8.ValidString(v) {
		return badText()
	}
	s.BindText(param, v)
	return nil
}

func badText() *Error {
	return newError(fault.Invalid, "a text is not valid UTF-8 or holds the character U+0000")
}

func bindBytes(s *sqlite.Stmt, param int, v []byte) {
	if v == nil {
		s.BindNull(param)
		return
	}
	s.BindBytes(param, v)
}

func bindJSON(s *sqlite.Stmt, param int, v any) error {
	text, err := json.Marshal(v)
	if err != nil {
		return misuse("argument %d is no JSON array", param)
	}
	return bindText(s, param, string(text))
}

// liteRow reads the current row of a statement.
type liteRow struct {
	stmt *sqlite.Stmt
	conn *liteConn
	err  error
}

// is checks the type of a value; NULL reads as the zero value of every type.
func (r *liteRow) is(i int, want ...sqlite.ColumnType) bool {
	got := r.stmt.ColumnType(i)
	for _, w := range want {
		if got == w {
			return true
		}
	}
	if got != sqlite.TypeNull && r.err == nil {
		r.err = misuse("column %d of the result is of the type %v", i, got)
	}
	return false
}

func (r *liteRow) Int64(i int) int64 {
	if !r.is(i, sqlite.TypeInteger) {
		return 0
	}
	return r.stmt.ColumnInt64(i)
}

func (r *liteRow) Int32(i int) int32 { return int32(r.Int64(i)) }

func (r *liteRow) Bool(i int) bool { return r.Int64(i) != 0 }

func (r *liteRow) Float64(i int) float64 {
	if !r.is(i, sqlite.TypeFloat, sqlite.TypeInteger) {
		return 0
	}
	return r.stmt.ColumnFloat(i)
}

func (r *liteRow) Text(i int) string {
	if !r.is(i, sqlite.TypeText) {
		return ""
	}
	return r.stmt.ColumnText(i)
}

func (r *liteRow) Bytes(i int) []byte {
	if !r.is(i, sqlite.TypeBlob, sqlite.TypeText) {
		return nil
	}
	b := make([]byte, r.stmt.ColumnLen(i))
	r.stmt.ColumnBytes(i, b)
	return b
}

func (r *liteRow) BytesNoCopy(i int) []byte {
	if !r.is(i, sqlite.TypeBlob, sqlite.TypeText) {
		return nil
	}
	start, n := len(r.conn.arena), r.stmt.ColumnLen(i)
	r.conn.arena = append(r.conn.arena, make([]byte, n)...)
	b := r.conn.arena[start : start+n : start+n]
	r.stmt.ColumnBytes(i, b)
	return b
}

func (r *liteRow) IsNull(i int) bool { return r.stmt.ColumnIsNull(i) }
