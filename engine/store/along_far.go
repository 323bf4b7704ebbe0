package store

import (
	"strings"

	"github.com/ficushealth/ficus/engine/db"
)

// far is where the values of a key stand that is one reference away.
type far struct {
	ref    int64 // hash of the reference
	column string
	hash   int64 // of the values
}

// alongFar reads the index of the values, and of each resource that has one those that refer to it. Of a resource from which
// several values can be reached only the one that counts is taken: none of these comes before that one.
func (src source) alongFar(f *finder, st *statement, k key) {
	column, before := "o."+k.far.column, " < "
	if k.desc {
		before = " > "
	}
	owners, args := k.table+" o WHERE o.tenant = $1 AND o.hash = ? AND "+column+" <> ?", []any{k.far.hash, k.last}
	if f.at.rid != 0 {
		owners += " AND " + column + map[bool]string{false: " >= ?", true: " <= ?"}[k.desc]
		args = append(args, f.at.keys[0])
	}
	referrers := "ix_ref c WHERE c.tenant = $1 AND c.target = o.rid AND c.hash = ?"
	st.add("SELECT c.rid AS rid, " + column + " AS k0 FROM ")
	if st.dialect == db.Postgres { // kept from any other order
		st.add("(SELECT o.* FROM "+owners+" ORDER BY "+column+k.direction()+" OFFSET 0) o", args...)
		st.add(" CROSS JOIN LATERAL (SELECT c.rid FROM "+referrers+" ORDER BY c.rid OFFSET 0) c WHERE TRUE", k.far.ref)
	} else {
		st.add(strings.Replace(owners, k.table+" o", k.table+" o CROSS JOIN ix_ref c", 1)+" AND "+strings.TrimPrefix(referrers, "ix_ref c WHERE "), append(args, k.far.ref)...)
	}
	st.add(" AND (SELECT 1 FROM ix_ref v CROSS JOIN "+k.table+" u WHERE v.tenant = $1 AND v.rid = c.rid AND v.hash = ?", k.far.ref)
	st.add(" AND u.tenant = $1 AND u.rid = v.target AND u.hash = ?", k.far.hash).halves("u", []any{k.far.hash})
	st.add(" AND " + k.reached("u") + before + k.reached("o") + " LIMIT 1) IS NULL")
	src.filters(f, st)
	if f.at.rid != 0 {
		st.add(" AND NOT ("+column+" = ? AND c.rid <= ?)", f.at.keys[0], f.at.rid)
	}
	st.add(" ORDER BY "+column+k.direction()+", c.rid LIMIT ?", f.limit+1)
}

// reached is a row of all columns in which two values can differ that are reached from one resource.
func (k key) reached(alias string) string {
	return strings.TrimSuffix(valueColumns(k.table, alias), ")") + ", " + alias + ".rid)"
}

func (src source) withoutFar(f *finder, st *statement, k key, limit int) {
	st.add("SELECT c.rid AS rid, ")
	st.typed(k.last)
	st.add(" AS k0 FROM resource c WHERE c.tenant = $1 AND c.type = ? AND NOT c.deleted", f.index)
	st.add(" AND "+k.expr+" = ?", append(append([]any{}, k.args...), k.last)...)
	src.filters(f, st)
	if f.at.rid != 0 && f.at.keys[0] == k.last {
		st.add(" AND c.rid > ?", f.at.rid)
	}
	st.add(" ORDER BY c.rid LIMIT ?", limit)
}
