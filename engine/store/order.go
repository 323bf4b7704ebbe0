package store

import (
	"math"

	"github.com/ficushealth/ficus/fault"
	"github.com/ficushealth/ficus/fhir/search"
)

// key is one key of a search's order.
type key struct {
	desc bool
	expr string // of a resource with the number c.rid; '?' for the hash
	args []any
	last any // what stands for a missing value: it comes last both ways

	// Where the key has an index in its own order: table, column, hash.
	table, column string
	hash          int64
}

const maxKeys = 8

// keys turns _sort into SQL. Equal keys are ordered by creation.
func (c *compiler) keys(sorts []search.Sort) ([]key, error) {
	if len(sorts) > maxKeys {
		return nil, fault.At(fault.Invalid, fault.Issue{Code: "too-costly", Expression: "http._sort", Text: "a search can be sorted by 8 keys at most"})
	}
	out := make([]key, 0, len(sorts))
	for _, s := range sorts {
		k, err := c.key(s)
		if err != nil {
			return nil, err
		}
		out = append(out, k)
	}
	return out, nil
}

func (c *compiler) key(s search.Sort) (key, error) {
	switch s.Code {
	case "_id":
		return key{desc: s.Desc, expr: "(SELECT r.id FROM resource r WHERE r.tenant = $1 AND r.rid = c.rid)", last: ""}, nil
	case "_lastUpdated":
		return key{desc: s.Desc, expr: "(SELECT r.updated FROM resource r WHERE r.tenant = $1 AND r.rid = c.rid)", last: int64(0), table: "resource", column: "updated"}, nil
	}
	hash := c.h.Param(c.typ, s.Code)
	switch s.Param.Type {
	case "date":
		return valueKey(s, "ix_date", "lo", hash, int64(math.MaxInt64), int64(math.MinInt64)), nil
	case "number", "quantity":
		return valueKey(s, "ix_number", "lo", hash, math.Inf(1), math.Inf(-1)), nil
	case "string", "uri":
		return valueKey(s, "ix_string", "value", hash, "\U0010ffff", ""), nil
	}
	return key{}, fault.At(fault.Invalid, fault.Issue{Code: "not-supported", Expression: "http._sort",
		Text: "sorting by search parameters of type " + s.Param.Type + " is not supported; dates, numbers, quantities, strings, uris, _id and _lastUpdated are"})
}

// valueKey orders by the least value of a resource, or by the greatest if descending.
func valueKey(s search.Sort, table, column string, hash int64, lastUp, lastDown any) key {
	k := key{desc: s.Desc, last: lastUp, table: table, column: column, hash: hash}
	pick := "MIN"
	if s.Desc {
		pick, k.last = "MAX", lastDown
	}
	k.expr = "COALESCE((SELECT " + pick + "(v." + column + ") FROM " + table + " v WHERE v.tenant = $1 AND v.hash = ? AND v.rid = c.rid), ?)"
	k.args = []any{hash, k.last}
	return k
}

func (k key) direction() string {
	if k.desc {
		return " DESC"
	}
	return ""
}

// behind appends the condition that (keys, rid) come behind those of the cursor.
func (s *statement) behind(keys []key, at position) {
	if at.rid == 0 {
		return
	}
	s.add(" AND (")
	for i, k := range keys {
		column, op := columnName(i), " > ?"
		if k.desc {
			op = " < ?"
		}
		s.add(column+op, at.keys[i]).add(" OR ("+column+" = ? AND (", at.keys[i])
	}
	s.add("q.rid > ?", at.rid)
	for range keys {
		s.add("))")
	}
	s.add(")")
}

func columnName(i int) string { return "q.k" + string(rune('0'+i)) }
