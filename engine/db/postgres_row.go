package db

import (
	"encoding/binary"
	"encoding/hex"
	"math"
	"strconv"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgtype"
)

// pgRow reads the current row of a result straight from its wire form.
type pgRow struct {
	values [][]byte
	fields []pgconn.FieldDescription
	err    error
}

func (r *pgRow) set(rows pgx.Rows) {
	if r.fields == nil {
		r.fields = rows.FieldDescriptions()
	}
	r.values = rows.RawValues()
}

func (r *pgRow) wrong(i int, want string) {
	if r.err == nil {
		r.err = misuse("column %d of the result is no %s but has type oid %d", i, want, r.fields[i].DataTypeOID)
	}
}

func (r *pgRow) textual(i int) bool { return r.fields[i].Format == pgtype.TextFormatCode }

func (r *pgRow) Int64(i int) int64 {
	v := r.values[i]
	if v == nil {
		return 0
	}
	switch r.fields[i].DataTypeOID {
	case oidInt8, oidInt4, oidInt2, oidBool:
	default:
		r.wrong(i, "integer")
		return 0
	}
	if r.textual(i) {
		return r.parsed(i, string(v))
	}
	return wide(v)
}

func (r *pgRow) parsed(i int, text string) int64 {
	if text == "t" || text == "f" {
		return map[string]int64{"t": 1}[text]
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		r.wrong(i, "integer")
	}
	return n
}

// wide reads a signed big-endian integer of 1, 2, 4 or 8 bytes.
func wide(v []byte) int64 {
	switch len(v) {
	case 8:
		return int64(binary.BigEndian.Uint64(v))
	case 4:
		return int64(int32(binary.BigEndian.Uint32(v)))
	case 2:
		return int64(int16(binary.BigEndian.Uint16(v)))
	case 1:
		return int64(v[0])
	}
	return 0
}

func (r *pgRow) Int32(i int) int32 { return int32(r.Int64(i)) }

func (r *pgRow) Bool(i int) bool { return r.Int64(i) != 0 }

func (r *pgRow) Float64(i int) float64 {
	v := r.values[i]
	switch {
	case v == nil:
		return 0
	case r.fields[i].DataTypeOID != oidFloat8 && r.fields[i].DataTypeOID != oidFloat4:
		return float64(r.Int64(i))
	case r.textual(i):
		f, err := strconv.ParseFloat(string(v), 64)
		if err != nil {
			r.wrong(i, "float")
		}
		return f
	case len(v) == 4:
		return float64(math.Float32frombits(binary.BigEndian.Uint32(v)))
	}
	return math.Float64frombits(binary.BigEndian.Uint64(v))
}

func (r *pgRow) Text(i int) string {
	if !r.readable(i) {
		return ""
	}
	if r.fields[i].DataTypeOID == oidBytea {
		r.wrong(i, "text")
		return ""
	}
	return string(r.values[i])
}

// readable is true for a value whose wire form is its text or its bytes.
func (r *pgRow) readable(i int) bool {
	if r.values[i] == nil {
		return false
	}
	switch r.fields[i].DataTypeOID {
	case oidText, oidVarchar, oidBpchar, oidBytea, pgtype.NameOID, pgtype.UnknownOID, pgtype.QCharOID, pgtype.JSONOID:
		return true
	}
	if !r.textual(i) {
		r.wrong(i, "text")
		return false
	}
	return true
}

func (r *pgRow) Bytes(i int) []byte {
	v := r.BytesNoCopy(i)
	if v == nil {
		return nil
	}
	return append(make([]byte, 0, len(v)), v...)
}

func (r *pgRow) BytesNoCopy(i int) []byte {
	if r.values[i] != nil && r.fields[i].DataTypeOID == pgtype.UUIDOID && !r.textual(i) {
		return r.values[i]
	}
	if !r.readable(i) {
		return nil
	}
	if r.fields[i].DataTypeOID == oidBytea && r.textual(i) {
		return r.unhex(i)
	}
	return r.values[i]
}

func (r *pgRow) unhex(i int) []byte {
	v := r.values[i]
	if len(v) < 2 {
		return []byte{}
	}
	b, err := hex.DecodeString(string(v[2:]))
	if err != nil {
		r.wrong(i, "bytes")
	}
	return b
}

func (r *pgRow) IsNull(i int) bool { return r.values[i] == nil }
