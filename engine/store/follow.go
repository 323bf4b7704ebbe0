package store

import (
	"slices"

	"github.com/ficushealth/ficus/engine/db"
	"github.com/ficushealth/ficus/fhir/search"
)

// link is a step along a reference: from a resource to those that it refers to,
// or in reverse to those that refer to it.
type link struct {
	hash    int64
	reverse bool
	from    int16 // type of the resource at this end
	to      int16 // of the one at the other
}

// join compiles a step of a chain or of _has. What is asked at the other end is asked of one resource.
func (c *compiler) join(k search.Clause) (predicate, error) {
	other, known := typeIndex(k.Other)
	if !known {
		return predicate{}, unknownType(k.Other)
	}
	if k.URLs {
		return c.byURL(k)
	}
	hash := c.h.Refers(c.typ, k.Code, k.Other)
	if k.Reverse {
		hash = c.h.Refers(k.Other, k.Code, c.typ)
	}
	sub, err := c.at(k.Other, other).afar(k)
	return predicate{form: search.Join, sub: sub, link: link{hash, k.Reverse, c.index, other}}, err
}

// joined asks of one resource whether a step leads from it to what is looked for. Behind a first step that question
// would come again and again for the same resources, so the answer to all of them is found once.
func (s *statement) joined(p predicate, rid string) {
	if s.depth == 0 || !p.positive() {
		s.linked(p, rid)
		return
	}
	s.add("(" + rid + " IN (")
	s.rids(p)
	s.add(")) IS TRUE")
}

// linked appends the condition that a resource at the other end of a reference meets all that is asked of it.
func (s *statement) linked(p predicate, rid string) {
	alias := s.alias("j")
	here, there := alias+".rid", alias+".target"
	if p.link.reverse {
		here, there = there, here
	}
	s.add("(SELECT 1 FROM ix_ref "+alias+" WHERE "+alias+".tenant = $1 AND "+here+" = "+rid+" AND "+alias+".hash = ?", p.link.hash)
	if !slices.ContainsFunc(p.sub, predicate.positive) {
		s.typeIs(there, p.link.to) // a negation alone would also hold of other types
	}
	s.depth++
	for _, x := range p.sub {
		s.filter(x, there)
	}
	s.depth--
	s.add(" LIMIT 1) IS NOT NULL")
}

// typeIs appends the condition that a number is that of a resource of the type, not deleted.
func (s *statement) typeIs(rid string, typ int16) {
	r := s.alias("r")
	s.add(" AND (SELECT 1 FROM resource "+r+" WHERE "+r+".tenant = $1 AND "+r+".rid = "+rid+" AND "+r+".type = ? AND NOT "+r+".deleted) IS NOT NULL", typ)
}

// linkedRIDs appends a query for the resources from which the step leads to one that
// meets all that is asked. Those are found first; the databases are kept from any other order.
func (s *statement) linkedRIDs(p predicate) {
	d, j := s.alias("d"), s.alias("j")
	here, there := j+".rid", j+".target"
	if p.link.reverse {
		here, there = there, here
	}
	from := "ix_ref " + j + " WHERE " + j + ".tenant = $1 AND " + there + " = " + d + ".rid AND " + j + ".hash = ?"
	if s.dialect == db.Postgres {
		from = "LATERAL (SELECT " + here + " AS rid FROM " + from + " OFFSET 0) " + j + " WHERE TRUE"
		here = j + ".rid"
	}
	s.add("SELECT " + here + " AS rid FROM (")
	s.once(p.sub)
	s.add(map[db.Dialect]string{db.SQLite: ") ", db.Postgres: " OFFSET 0) "}[s.dialect]+d+" CROSS JOIN "+from, p.link.hash)
	if p.link.reverse {
		s.typeIs(here, p.link.from)
	}
}

// once is driven, with each resource once where several ways may lead to it.
func (s *statement) once(list []predicate) {
	if !slices.ContainsFunc(list, predicate.leads) {
		s.driven(list)
		return
	}
	alias := s.alias("u")
	s.add("SELECT DISTINCT " + alias + ".rid AS rid FROM (")
	s.driven(list)
	s.add(") " + alias)
}

// leads reports whether the predicate follows a reference anywhere.
func (p predicate) leads() bool {
	return p.form == search.Join || slices.ContainsFunc(p.sub, predicate.leads)
}

// maxSteps is how many resources at the other end of a reference are looked at to count those at this end.
const maxSteps = 20_000

// tally appends the number of a predicate's rows, up to a limit. Where a step leads from very
// many resources, their number is taken for that of the rows, so that counting never costs more than the search.
func (s *statement) tally(p predicate, limit int) {
	if p.form != search.Join {
		s.add("(SELECT COUNT(*) FROM (SELECT 1 FROM (")
		s.rids(p)
		s.add(") u LIMIT ?) n)", limit)
		return
	}
	most := max(limit, maxSteps)
	s.add("(CASE WHEN (SELECT COUNT(*) FROM (SELECT 1 FROM (")
	s.driven(p.sub)
	s.add(") u LIMIT ?) n) >= ? THEN ? ELSE (SELECT COUNT(*) FROM (SELECT 1 FROM (", most, most, limit)
	s.rids(p)
	s.add(") u LIMIT ?) n) END)", limit)
}
