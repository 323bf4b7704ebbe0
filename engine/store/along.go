package store

import (
	"math"
	"strconv"
	"strings"

	"github.com/ficushealth/ficus/engine/db"
)

// A large result in an order that has an index is read along that index: first
// the resources that have a value, then, once those are used up, the ones without.

// alongUpdated reads resources in the order of their last change.
func (src source) alongUpdated(f *finder, st *statement, k key) {
	st.add("SELECT c.rid AS rid, c.updated AS k0 FROM resource c WHERE c.tenant = $1 AND c.type = ? AND c.version > 0 AND NOT c.deleted", f.index)
	src.filters(f, st)
	src.ended(f, st, k)
	st.behindColumn(k, "c.updated", f.at)
	st.add(" ORDER BY c.updated"+k.direction()+", c.rid LIMIT ?", f.limit+1)
}

// withValue reads the index of the key. Of a resource with several rows only
// the one that counts is taken: none of it comes before that one.
func (src source) withValue(f *finder, st *statement, k key) {
	column, before := "c."+k.column, " < "
	if k.desc {
		before = " > "
	}
	st.add("SELECT c.rid AS rid, "+column+" AS k0 FROM "+k.table+" c WHERE c.tenant = $1 AND c.hash = ?", k.hash)
	st.add(" AND "+column+" <> ?", k.last)
	st.add(" AND (SELECT 1 FROM "+k.table+" v WHERE v.tenant = $1 AND v.hash = ?", k.hash).halves("v", []any{k.hash})
	st.add(" AND v.rid = c.rid AND " + valueColumns(k.table, "v") + before + valueColumns(k.table, "c") + " LIMIT 1) IS NULL")
	src.filters(f, st)
	src.ended(f, st, k)
	st.behindColumn(k, column, f.at)
	st.add(" ORDER BY "+column+k.direction()+", c.rid LIMIT ?", f.limit+1)
}

// ended ends a walk along a column after the first steps behind the cursor.
func (src source) ended(f *finder, st *statement, k key) {
	if src.first == 0 {
		return
	}
	to, end := map[bool]string{false: " <= ", true: " >= "}[k.desc], k.last
	st.add(" AND c." + k.column + to + "COALESCE((SELECT w." + k.column + " FROM " + k.table + " w WHERE w.tenant = $1 AND ")
	if k.table == "resource" {
		st.add("w.type = ? AND w.version > 0", f.index)
		end = map[bool]int64{false: math.MaxInt64, true: math.MinInt64}[k.desc]
	} else {
		st.add("w.hash = ?", k.hash)
	}
	if f.at.rid != 0 {
		st.add(" AND w."+k.column+map[bool]string{false: " >= ?", true: " <= ?"}[k.desc], f.at.keys[0])
	}
	st.add(" ORDER BY w."+k.column+k.direction()+" LIMIT 1 OFFSET ?), ?)", src.first, end)
}

// valueColumns is a row of all columns in which two rows of one resource and hash can differ.
func valueColumns(table, alias string) string {
	columns := map[string]string{"ix_string": "a.value, a.exact", "ix_date": "a.lo, a.hi", "ix_number": "a.lo, a.hi, a.code, a.system"}[table]
	return "(" + strings.ReplaceAll(columns, "a.", alias+".") + ")"
}

func (src source) withoutValue(f *finder, st *statement, k key, limit int) {
	st.add("SELECT c.rid AS rid, ")
	st.typed(k.last)
	st.add(" AS k0 FROM resource c WHERE c.tenant = $1 AND c.type = ? AND NOT c.deleted", f.index)
	st.add(" AND (SELECT 1 FROM "+k.table+" v WHERE v.tenant = $1 AND v.hash = ?", k.hash).halves("v", []any{k.hash})
	st.add(" AND v.rid = c.rid AND v."+k.column+" <> ? LIMIT 1) IS NULL", k.last)
	src.filters(f, st)
	if f.at.rid != 0 && f.at.keys[0] == k.last {
		st.add(" AND c.rid > ?", f.at.rid)
	}
	st.add(" ORDER BY c.rid LIMIT ?", limit)
}

// typed appends a constant with its SQL type, which an argument alone does not have.
func (s *statement) typed(v any) {
	name := "text"
	switch v.(type) {
	case int64:
		name = "bigint"
	case float64:
		name = "double precision"
	}
	s.add("CAST(? AS "+name+")", v)
	if name == "text" && s.dialect == db.Postgres {
		s.add(` COLLATE "C"`)
	}
}

// behindColumn appends the condition that the walk goes on behind the cursor.
func (s *statement) behindColumn(k key, column string, at position) {
	if at.rid == 0 {
		return
	}
	op := " > ?"
	if k.desc {
		op = " < ?"
	}
	s.add(" AND "+column+op[:2]+"= ?", at.keys[0]) // says the same again, as a range of the index
	s.add(" AND ("+column+op+" OR ("+column+" = ? AND c.rid > ?))", at.keys[0], at.keys[0], at.rid)
}

// alongReference reads, type by type, the resources referred to in the order of their ids, and of each those that refer to it.
func (src source) alongReference(f *finder, st *statement, k key) {
	var from int16
	var id string
	if f.at.rid != 0 {
		from, id = splitReference(f.at.keys[0].(string))
	}
	st.add("SELECT rid, k0 FROM (")
	begun := false
	for _, typ := range k.targets {
		if f.at.rid != 0 && typ != from && (typ > from) == k.desc {
			continue
		}
		if begun {
			st.add(" UNION ALL ")
		}
		begun = true
		st.add("SELECT * FROM (")
		src.towards(f, st, k, typ, f.at.rid != 0 && typ == from, id)
		st.add(") " + st.alias("w"))
	}
	if !begun { // the cursor stands behind all references
		st.add("SELECT c.rid AS rid, ")
		st.typed(k.last)
		st.add(" AS k0 FROM resource c WHERE c.tenant = $1 AND c.rid < 0")
	}
	st.add(") w ORDER BY k0"+k.direction()+", rid LIMIT ?", f.limit+1)
}

// towards reads what refers to resources of one type, from the place of the cursor on. Of a resource with several
// references only the one that counts is taken: none of it comes before that one.
func (src source) towards(f *finder, st *statement, k key, typ int16, resumed bool, id string) {
	st.add("SELECT c.rid AS rid, " + referenceName + " AS k0 FROM ")
	owners, args := "resource t WHERE t.tenant = $1 AND t.type = ?", []any{typ}
	if resumed {
		owners += " AND t.id" + map[bool]string{true: " <= ?", false: " >= ?"}[k.desc]
		args = append(args, id)
	}
	referrers := "ix_ref c WHERE c.tenant = $1 AND c.target = t.rid AND c.hash = ?"
	if st.dialect == db.Postgres { // kept from any other order
		st.add("(SELECT t.type, t.id, t.rid FROM "+owners+" ORDER BY t.id"+k.direction()+" OFFSET 0) t", args...)
		st.add(" CROSS JOIN LATERAL (SELECT c.rid FROM "+referrers+" ORDER BY c.rid OFFSET 0) c WHERE TRUE", k.hash)
	} else {
		st.add(strings.Replace(owners, "resource t", "resource t CROSS JOIN ix_ref c", 1)+" AND "+strings.TrimPrefix(referrers, "ix_ref c WHERE "), append(args, k.hash)...)
	}
	before := map[bool]string{true: " > ", false: " < "}[k.desc]
	st.add(" AND (SELECT 1 FROM ix_ref v CROSS JOIN resource u WHERE v.tenant = $1 AND v.rid = c.rid AND v.hash = ?"+
		" AND u.tenant = $1 AND u.rid = v.target AND u.type IN ("+k.targetList()+") AND (u.type, u.id)"+before+"(t.type, t.id) LIMIT 1) IS NULL", k.hash)
	src.filters(f, st)
	if resumed {
		st.add(" AND NOT (t.id = ? AND c.rid <= ?)", id, f.at.rid)
	}
	st.add(" ORDER BY t.id"+k.direction()+", c.rid LIMIT ?", f.limit+1)
}

func (k key) targetList() string {
	list := make([]string, len(k.targets))
	for i, t := range k.targets {
		list[i] = strconv.Itoa(int(t))
	}
	return strings.Join(list, ", ")
}

// splitReference undoes referenceName. The text of a missing value lies behind all types.
func splitReference(name string) (typ int16, id string) {
	number, id, named := strings.Cut(name, "/")
	n, err := strconv.Atoi(number)
	if !named || err != nil {
		return math.MaxInt16 * int16(min(1, len(name))), ""
	}
	return int16(n - 1000), id
}

func (src source) withoutReference(f *finder, st *statement, k key, limit int) {
	st.add("SELECT c.rid AS rid, ")
	st.typed(k.last)
	st.add(" AS k0 FROM resource c WHERE c.tenant = $1 AND c.type = ? AND NOT c.deleted", f.index)
	st.add(" AND (SELECT 1 FROM ix_ref v CROSS JOIN resource u WHERE v.tenant = $1 AND v.rid = c.rid AND v.hash = ?"+
		" AND u.tenant = $1 AND u.rid = v.target AND u.type IN ("+k.targetList()+") LIMIT 1) IS NULL", k.hash)
	src.filters(f, st)
	if f.at.rid != 0 && f.at.keys[0] == k.last {
		st.add(" AND c.rid > ?", f.at.rid)
	}
	st.add(" ORDER BY c.rid LIMIT ?", limit)
}
