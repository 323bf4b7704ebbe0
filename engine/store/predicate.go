package store

import (
	"slices"
	"strconv"
	"strings"

	"github.com/ficushealth/ficus/engine/db"
	"github.com/ficushealth/ficus/fhir/search"
)

// predicate is one clause of a search, in the form of the clause: as look-ups in the
// index tables (a resource meets it if one of the probes finds it; negated: if none
// does), as a junction of others, or as a step along a reference.
type predicate struct {
	probes  []probe
	negated bool

	form search.Form
	sub  []predicate
	link link
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
	// ranged says that the value's index has the matching rows in one piece.
	ranged bool
	// whole says that what the look-up finds is better found once than asked of each resource.
	whole bool
	// one is what finds out the same of one resource, where that is less work.
	one *probe
}

// test is SQL with a '?' for each argument.
type test struct {
	text   db.Text
	args   []any
	hashed bool // the arguments are hashes of the rows, which an index finds by their halves
}

func where(sql string, args ...any) test { return test{text: db.Same(sql), args: args} }

// ranged reports whether the rows of the predicate are whole pieces of an index.
func (p predicate) ranged() bool {
	return !slices.ContainsFunc(p.probes, func(x probe) bool { return !x.ranged })
}

// statement is SQL under construction. $1 is always the tenant.
type statement struct {
	strings.Builder
	dialect db.Dialect
	args    []any
	names   int // aliases given out
	depth   int // steps along references around what is written
}

// alias is a name that no other table of the statement has.
func (s *statement) alias(letter string) string {
	s.names++
	return letter + strconv.Itoa(s.names)
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
		if c.hashed {
			s.halves(alias, c.args)
		}
	}
	return s
}

// swept appends the conditions by which the rows of the parameter are told apart.
func (s *statement) swept(p predicate, alias string) {
	if len(p.probes) == 1 {
		s.tests(p.probes[0].where[1:], alias)
		return
	}
	s.add(" AND (")
	for i, x := range p.probes {
		if i > 0 {
			s.add(" OR ")
		}
		s.add("(TRUE").tests(x.where[1:], alias).add(")")
	}
	s.add(")")
}

// filter appends " AND ..." so that only resources that meet the predicate
// remain. A scalar subquery is never turned into a join, so the plan is the one
// written here: one index probe for each resource looked at.
func (s *statement) filter(p predicate, rid string) {
	s.add(" AND ")
	s.holds(p, rid)
}

// holds appends a condition that is true or false, never NULL.
func (s *statement) holds(p predicate, rid string) {
	switch p.form {
	case search.Join:
		s.joined(p, rid)
	case search.All:
		s.junction(p.sub, rid, " AND ", "TRUE")
	case search.Any:
		s.junction(p.sub, rid, " OR ", "FALSE")
	case search.None:
		s.add("NOT ")
		s.junction(p.sub, rid, " OR ", "FALSE")
	default:
		s.probed(p, rid)
	}
}

func (s *statement) junction(list []predicate, rid, word, empty string) {
	s.add("(")
	for i, p := range list {
		if i > 0 {
			s.add(word)
		}
		s.holds(p, rid)
	}
	if len(list) == 0 {
		s.add(empty)
	}
	s.add(")")
}

func (s *statement) probed(p predicate, rid string) {
	s.add("(")
	for i, x := range p.probes {
		if i > 0 {
			s.add(map[bool]string{true: " AND ", false: " OR "}[p.negated])
		}
		if x.one != nil {
			x = *x.one
		}
		if x.whole {
			// Not at the top of the condition, so PostgreSQL keeps the rows in a table of hashes instead of joining them.
			s.add("(" + rid + " IN (SELECT x.rid").probe(x)
			s.add(map[bool]string{true: ")) IS FALSE", false: ")) IS TRUE"}[p.negated])
			continue
		}
		s.add("(SELECT 1").probe(x).add(" AND x.rid = " + rid + " LIMIT 1)")
		s.add(map[bool]string{true: " IS NULL", false: " IS NOT NULL"}[p.negated])
	}
	if len(p.probes) == 0 {
		s.add(map[bool]string{true: "TRUE", false: "FALSE"}[p.negated])
	}
	s.add(")")
}

// positive reports whether the predicate finds something by itself.
func (p predicate) positive() bool {
	switch p.form {
	case search.All:
		return slices.ContainsFunc(p.sub, predicate.positive)
	case search.Any:
		return !slices.ContainsFunc(p.sub, func(x predicate) bool { return !x.positive() })
	case search.None:
		return false
	case search.Join:
		return slices.ContainsFunc(p.sub, predicate.positive)
	}
	return !p.negated
}

// size is the number of look-ups, which bounds what a query costs to plan.
func (p predicate) size() int {
	n := len(p.probes)
	if p.form != search.Compare {
		n++
	}
	for _, x := range p.sub {
		n += x.size()
	}
	return n
}

// rids appends a query for the numbers of the resources that meet a positive
// predicate, each as often as it has matching rows.
func (s *statement) rids(p predicate) {
	switch p.form {
	case search.Join:
		s.linkedRIDs(p)
	case search.All:
		s.driven(p.sub)
	default:
		s.anyRIDs(p)
	}
}

func (s *statement) anyRIDs(p predicate) {
	for i, x := range p.probes {
		if i > 0 {
			s.add(" UNION ALL ")
		}
		s.add("SELECT x.rid AS rid").probe(x)
	}
	for i, x := range p.sub {
		if i > 0 {
			s.add(" UNION ALL ")
		}
		s.add("SELECT u.rid AS rid FROM (")
		s.rids(x)
		s.add(") u")
	}
	if len(p.probes)+len(p.sub) == 0 {
		s.add("SELECT x.rid AS rid FROM resource x WHERE x.tenant = $1 AND x.rid < 0")
	}
}

// driven appends a query for what meets all of a list: the first that finds something by itself leads, the others are asked.
func (s *statement) driven(list []predicate) {
	lead := max(0, slices.IndexFunc(list, predicate.positive))
	if i := slices.IndexFunc(list, predicate.walkable); i >= 0 {
		lead = i
	}
	if len(list) == 1 {
		s.rids(list[lead])
		return
	}
	alias := s.alias("d")
	s.add("SELECT " + alias + ".rid AS rid FROM (")
	s.rids(list[lead])
	s.add(") " + alias + " WHERE TRUE")
	for i, p := range list {
		if i != lead {
			s.filter(p, alias+".rid")
		}
	}
}
