package store

import (
	"math"
	"slices"
	"strings"

	"github.com/ficushealth/ficus/engine/db"
	"github.com/ficushealth/ficus/fault"
	"github.com/ficushealth/ficus/fhir"
	"github.com/ficushealth/ficus/fhir/index"
	"github.com/ficushealth/ficus/fhir/search"
)

// key is one key of a search's order.
type key struct {
	desc bool
	expr string // of a resource with the number c.rid, with '?' for args; empty: it is read from bodies
	args []any
	last any // what stands for a missing value: it comes last both ways

	// Where the key has an index in its own order: table, column, hash.
	table, column string
	hash          int64
	far           *far // the index is that of values one reference away

	// A key that is read from bodies: the parameter, and the references that lead there.
	typ, code string
	via       []int64 // hashes of the references
	targets   []int16 // of a reference: the types to which it leads, in the order
	closed    []code  // all codes that it can have, in order, where they are few and a resource has one at most
	list      int64   // key of the list of its codes; 0: they are not listed
	none      int64   // hash of what has a value but no code
	mark      string  // of the parameter in resource.present
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
	w := c.way(s.Via)
	switch s.Code {
	case "_id":
		return w.own(s, "id", "", "\U0010ffff"), nil
	case "_lastUpdated":
		k := w.own(s, "updated", int64(math.MinInt64), int64(math.MaxInt64))
		if len(s.Via) == 0 {
			k.last, k.table, k.column = int64(0), "resource", "updated"
		}
		return k, nil
	}
	switch s.Param.Type {
	case "date":
		return w.value(s, "ix_date", "lo", c.rows(w.typ, s.Code), int64(math.MaxInt64), int64(math.MinInt64)), nil
	case "number", "quantity":
		return w.value(s, "ix_number", "lo", c.rows(w.typ, s.Code), math.Inf(1), math.Inf(-1)), nil
	case "string", "uri":
		if index.SharesURI(w.typ, s.Param) {
			return c.tokenKey(w, s), nil
		}
		return w.value(s, "ix_string", "value", c.rows(w.typ, s.Code), "\U0010ffff", ""), nil
	case "reference":
		return w.reference(s, c.h), nil
	case "token":
		return c.tokenKey(w, s), nil
	}
	return key{}, fault.At(fault.Invalid, fault.Issue{Code: "not-supported", Expression: "http._sort",
		Text: "sorting by search parameters of type " + s.Param.Type + " is not supported; all others are"})
}

// rows are the keys under which the rows of a parameter stand.
func (c *compiler) rows(typ, code string) []any {
	parts := index.Instead(typ, code)
	if parts == nil {
		return []any{c.h.Param(typ, code)}
	}
	keys := make([]any, len(parts))
	for i, p := range parts {
		keys[i] = c.h.Param(typ, p.Code)
	}
	return keys
}

// tokenKey is read from bodies; a large result is walked code by code, where the codes are known.
func (c *compiler) tokenKey(w way, s search.Sort) key {
	k := key{desc: s.Desc, last: lastText(s), typ: w.typ, code: s.Code, via: w.hashes}
	if len(w.hashes) > 0 {
		return k
	}
	for _, text := range index.ClosedCodes(w.typ, s.Param) {
		k.closed = append(k.closed, code{text, c.h.TokenCode(w.typ, s.Code, text)})
	}
	if s.Desc {
		slices.Reverse(k.closed)
	}
	if index.Listed(w.typ, s.Param) && c.own.form.Whole() && !c.own.builds(s.Param.ID) {
		k.list, k.none, k.mark = c.h.Codes(w.typ, s.Code), c.h.NoCode(w.typ, s.Code), string(presentRune(s.Param.ID))
	}
	return k
}

func lastText(s search.Sort) string {
	if s.Desc {
		return ""
	}
	return "\U0010ffff"
}

// way leads from a resource along references to the one whose value is the key.
type way struct {
	typ     string // of the resource at the end
	index   int16
	hashes  []int64
	dialect db.Dialect
}

func (c *compiler) way(hops []search.Hop) way {
	w := way{typ: c.typ, dialect: c.s.db.Dialect()}
	for _, h := range hops {
		w.hashes = append(w.hashes, c.h.Refers(h.Type, h.Code, h.Other))
		w.typ = h.Other
	}
	w.index, _ = typeIndex(w.typ)
	return w
}

// pick orders by the least value of a resource, or by the greatest if descending. END in where is its number.
func (w way) pick(s search.Sort, column, table, where string, last any, more ...any) key {
	k := key{desc: s.Desc, last: last}
	least := "MIN"
	if s.Desc {
		least = "MAX"
	}
	var from, joined strings.Builder
	end := "c.rid"
	for i, h := range w.hashes {
		alias := "j" + string(rune('0'+i))
		step := alias + ".tenant = $1 AND " + alias + ".rid = " + end + " AND " + alias + ".hash = ?"
		if w.dialect == db.Postgres { // kept from any other order than that of the steps
			from.WriteString("LATERAL (SELECT " + alias + ".target FROM ix_ref " + alias + " WHERE " + step + " OFFSET 0) " + alias + " CROSS JOIN ")
		} else {
			from.WriteString("ix_ref " + alias + " CROSS JOIN ")
			joined.WriteString(step + " AND ")
		}
		end = alias + ".target"
		k.args = append(k.args, h)
	}
	where = strings.ReplaceAll(where, "END", end)
	if w.dialect == db.Postgres && len(w.hashes) > 0 {
		table, where, column = "LATERAL (SELECT "+column+" AS value FROM "+table+" WHERE "+where+" OFFSET 0) z", "TRUE", "z.value"
	}
	k.expr = "COALESCE((SELECT " + least + "(" + column + ") FROM " + from.String() + table + " WHERE " + joined.String() + where + "), ?)"
	k.args = append(append(k.args, more...), last)
	return k
}

// value orders by a column of an index table.
func (w way) value(s search.Sort, table, column string, hashes []any, lastUp, lastDown any) key {
	last := lastUp
	if s.Desc {
		last = lastDown
	}
	under, args := oneOf("v.hash", hashes).text.SQLite, hashes
	if w.dialect == db.Postgres {
		sql, halves := anyHalf("v", hashes)
		under, args = under+" AND "+sql, slices.Concat(hashes, halves)
	}
	k := w.pick(s, "v."+column, table+" v", "v.tenant = $1 AND v.rid = END AND "+under, last, args...)
	switch {
	case len(hashes) > 1:
	case len(w.hashes) == 0:
		k.table, k.column, k.hash = table, column, hashes[0].(int64)
	case len(w.hashes) == 1:
		k.table, k.far = table, &far{w.hashes[0], column, hashes[0].(int64)}
	}
	return k
}

// own orders by a column of the resource itself.
func (w way) own(s search.Sort, column string, lastDown, lastUp any) key {
	if len(w.hashes) == 0 {
		return key{desc: s.Desc, expr: "(SELECT r." + column + " FROM resource r WHERE r.tenant = $1 AND r.rid = c.rid)", last: lastDown}
	}
	last := lastUp
	if s.Desc {
		last = lastDown
	}
	return w.pick(s, "r."+column, "resource r", "r.tenant = $1 AND r.rid = END AND r.type = ? AND NOT r.deleted", last, w.index)
}

// referenceName is a text that orders resources by type and id: types are numbered in the order of their names.
const referenceName = "CAST(1000 + t.type AS text) || '/' || t.id"

// reference orders by type and id of what is referred to; references to other servers count as missing.
func (w way) reference(s search.Sort, h index.Hasher) key {
	hash, types := h.Param(w.typ, s.Code), targetTypes(search.Clause{Code: s.Code, Param: s.Param}, fhir.Ref{})
	where, args := "v.tenant = $1 AND v.hash = ? AND v.rid = END AND t.tenant = $1 AND t.rid = v.target", []any{hash}
	if wide, only, ok := index.Through(w.typ, s.Code); ok {
		i, _ := typeIndex(only)
		hash, types = h.Param(w.typ, wide.Code), []string{only}
		where, args = where+" AND t.type = ?", []any{hash, i}
	}
	k := w.pick(s, referenceName, "ix_ref v CROSS JOIN resource t", where, lastText(s), args...)
	if len(w.hashes) == 0 && len(types) <= maxTargets {
		k.table, k.hash = "ix_ref", hash
		for _, t := range types {
			i, _ := typeIndex(t)
			k.targets = append(k.targets, i)
		}
	}
	slices.Sort(k.targets)
	if s.Desc {
		slices.Reverse(k.targets)
	}
	return k
}

// maxTargets is how many types an order along references goes through.
const maxTargets = 12

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
