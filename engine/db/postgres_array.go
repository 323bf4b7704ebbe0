package db

import (
	"database/sql/driver"
	"encoding/binary"
	"fmt"

	"github.com/jackc/pgx/v5/pgtype"
)

// registerColumns teaches a connection to encode our columns as arrays. The library's own way takes a boxed value and an
// interface call per element; this one appends bytes.
func registerColumns(m *pgtype.Map) {
	for _, element := range []uint32{oidBool, oidBytea, oidInt8, oidInt2, oidInt4, oidText, oidFloat8, oidVarchar} {
		t, ok := m.TypeForOID(element)
		if !ok {
			continue
		}
		array, ok := m.TypeForName("_" + t.Name)
		if !ok {
			continue
		}
		m.RegisterType(&pgtype.Type{Name: array.Name, OID: array.OID, Codec: arrayCodec{array.Codec, element}})
	}
}

// arrayCodec encodes columns itself and leaves everything else to the codec that it replaces.
type arrayCodec struct {
	pgtype.Codec
	element uint32
}

func (c arrayCodec) PreferredFormat() int16 { return pgtype.BinaryFormatCode }

func (c arrayCodec) PlanEncode(m *pgtype.Map, oid uint32, format int16, value any) pgtype.EncodePlan {
	if _, ok := value.(column); ok && format == pgtype.BinaryFormatCode {
		return arrayPlan(c.element)
	}
	return c.Codec.PlanEncode(m, oid, format, value)
}

func (c arrayCodec) DecodeDatabaseSQLValue(m *pgtype.Map, oid uint32, format int16, src []byte) (driver.Value, error) {
	return c.Codec.DecodeDatabaseSQLValue(m, oid, format, src)
}

type arrayPlan uint32 // the element's oid

// Encode writes the binary form of an array of one dimension: dimensions, null flag, element type, length, lower bound,
// then the elements (PostgreSQL, src/backend/utils/adt/arrayfuncs.c, array_recv).
func (p arrayPlan) Encode(value any, buf []byte) ([]byte, error) {
	c, ok := value.(column)
	if !ok {
		return nil, fmt.Errorf("a %T for an array", value)
	}
	n := c.len()
	if n == 0 {
		return header(buf, 0, 0, uint32(p)), nil
	}
	buf = header(buf, 1, 1, uint32(p), uint32(n), 1)
	var err error
	for row := range n {
		if buf, err = c.element(buf, row, uint32(p)); err != nil {
			return nil, err
		}
	}
	return buf, nil
}

func header(buf []byte, words ...uint32) []byte {
	for _, w := range words {
		buf = binary.BigEndian.AppendUint32(buf, w)
	}
	return buf
}
