package store

import (
	"strings"

	"github.com/ficushealth/ficus/engine/db"
)

// PostgreSQL keeps a B-tree dense at the end of each group of equal keys, which is where index rows arrive, but only if
// an entry's key has 16 bytes at most (nbtsplitloc.c, _bt_afternewitemoff): tenant, upper half of the hash and number
// have just these. Whoever looks a hash up there names its half too; that the whole hash is right is asked of the row.

// half is what the index has of a hash.
func half(hash int64) int32 { return int32(hash >> 32) }

// halfOf is the same of a column in SQL of PostgreSQL.
func halfOf(column string) string { return "(" + column + " >> 32)::int4" }

// hashed matches rows under one of several hashes.
func hashed(hashes ...any) test {
	t := oneOf("x.hash", hashes)
	t.hashed = true
	return t
}

// halves appends, on PostgreSQL, by which halves the index finds the hashes.
func (s *statement) halves(alias string, hashes []any) *statement {
	if s.dialect != db.Postgres {
		return s
	}
	sql, args := anyHalf(alias, hashes)
	return s.add(" AND "+sql, args...)
}

// anyHalf is a condition on the halves of the hashes; a list of them travels as one argument.
func anyHalf(alias string, hashes []any) (sql string, args []any) {
	column := halfOf(alias + ".hash")
	if list, ok := hashes[0].([]int64); ok {
		halves := make([]int32, len(list))
		for i, h := range list {
			halves[i] = half(h)
		}
		return column + " = ANY(CAST(? AS int4[]))", []any{halves}
	}
	for _, h := range hashes {
		args = append(args, half(h.(int64)))
	}
	return column + " IN (?" + strings.Repeat(", ?", len(args)-1) + ")", args
}
