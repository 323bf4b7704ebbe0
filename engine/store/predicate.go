package store

import (
	"strconv"
	"strings"

	"github.com/ficushealth/ficus/engine/db"
)

// predicate is one clause of a search as look-ups in the index tables: a resource
// meets it if one of the probes finds it (negated: if none does).
type predicate struct {
	probes  []probe
	negated bool
}

// probe is one look-up: rows of a table, under the alias x, that meet all conditions.
type probe struct {
	table string
	where []test
	// walk says that all conditions compare the leading columns of the key for
	// equality, so that the index yields the rows in the order of rid.
	walk bool
	// sweep says that the first condition is the hash and that an index has the
	// rows of a hash in the order of rid, with the columns of the other conditions.
	sweep bool
}

// test is SQL with a '?' for each argument.
type test struct {
	text db.Text
	args []any
}

func where(sql string, args ...any) test { return test{db.Same(sql), args} }

// walkable reports whether the predicate alone yields its resources in order.
func (p predicate) walkable() bool { return !p.negated && len(p.probes) == 1 && p.probes[0].walk }

// sweepable reports whether the rows of the predicate's parameter can be met in order, and tell by themselves whether they match.
func (p predicate) sweepable() bool { return !p.negated && len(p.probes) == 1 && p.probes[0].sweep }

// statement is SQL under construction. $1 is always the tenant.
type statement struct {
	strings.Builder
	dialect db.Dialect
	args    []any
}

func newStatement(d db.Dialect, tenant int32) *statement {
	return &statement{dialect: d, args: []any{tenant}}
}

// add appends SQL, with each '?' numbered.
func (s *statement) add(sql string, args ...any) *statement {
	for _, a := range args {
		before, after, _ := strings.Cut(sql, "?")
		s.args = append(s.args, a)
		s.WriteString(before)
		s.WriteByte('$')
		s.WriteString(strconv.Itoa(len(s.args)))
		sql = after
	}
	s.WriteString(sql)
	return s
}

func (s *statement) text() db.Text { return db.Same(s.String()) }

// probe appends the table and the conditions of a probe.
func (s *statement) probe(p probe) *statement {
	s.add(" FROM " + p.table + " x WHERE x.tenant = $1")
	return s.tests(p.where, "x")
}

// tests appends conditions on the rows of a table under an alias.
func (s *statement) tests(list []test, alias string) *statement {
	for _, c := range list {
		sql := c.text.SQLite
		if s.dialect == db.Postgres {
			sql = c.text.Postgres
		}
		s.add(" AND "+strings.ReplaceAll(sql, "x.", alias+"."), c.args...)
	}
	return s
}

// filter appends " AND ..." so that only resources that meet the predicate
// remain. A scalar subquery is never turned into a join, so the plan is the one
// written here: one index probe for each resource looked at.
func (s *statement) filter(p predicate, rid string) {
	s.add(" AND (")
	for i, x := range p.probes {
		if i > 0 {
			s.add(map[bool]string{true: " AND ", false: " OR "}[p.negated])
		}
		s.add("(SELECT 1").probe(x).add(" AND x.rid = " + rid + " LIMIT 1)")
		s.add(map[bool]string{true: " IS NULL", false: " IS NOT NULL"}[p.negated])
	}
	s.add(")")
}

// rids appends a query for the numbers of the resources that meet the predicate,
// each as often as it has matching rows.
func (s *statement) rids(p predicate) {
	for i, x := range p.probes {
		if i > 0 {
			s.add(" UNION ALL ")
		}
		s.add("SELECT x.rid AS rid").probe(x)
	}
}
