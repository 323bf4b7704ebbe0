package store

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"github.com/ficushealth/ficus/engine/access"
	"github.com/ficushealth/ficus/engine/db"
	"github.com/ficushealth/ficus/fault"
	"github.com/ficushealth/ficus/fhir/r4"
	"github.com/ficushealth/ficus/fhir/search"
)

// condition is a search by which a write finds resources: that of a conditional create, update, patch or delete, or of a
// conditional reference.
type condition struct {
	typ   string
	index int16
	text  string // for telling conditions apart: type and values
	query search.Query
	limit int // how many matches are looked for; at least two

	limits []search.Clause // what a match must meet besides, to be seen

	// guards says that the condition decides what is written, so that no other conditional write may make a match
	// meanwhile. keys are the numbers of which every match has one (see names); none: any resource of the type may match.
	guards bool
	keys   []int64

	// foreseen says that the plan was made for certain matches, those expected: which resources are written depends on them.
	foreseen bool
	expected []match

	matches []match // under the locks

	statement db.Text // the statement, and its arguments but for the limit
	args      []any
	deep      bool // there is none before other resources have been read (see seek)

	first *op // the create, update or patch that has the condition
}

type match struct {
	id           string
	rid, version int64
}

// condition parses a conditional search, once per member: two ways to write one
// search are one condition. It tells what exists, so it needs the right to search.
func (m *member) condition(typ, query string) (*condition, error) {
	seen, err := m.sight.may(access.Search, typ)
	if err != nil {
		return nil, err
	}
	c, err := readCondition(m.params.set, typ, query)
	if err != nil {
		return nil, err
	}
	c.limits = seen.Where
	if c.query, err = m.sight.reachable(c.query); err != nil {
		return nil, err
	}
	if err := m.params.wholeFor(&m.p, c.query); err != nil {
		return nil, err
	}
	key := typ + "?" + c.text
	if same := m.byText[key]; same != nil {
		return same, nil
	}
	if m.byText == nil {
		m.byText = map[string]*condition{}
	}
	c.keys = names(m.keys.hasher, c)
	m.byText[key] = c
	m.conditions = append(m.conditions, c)
	return c, nil
}

func readCondition(set *r4.ParamSet, typ, query string) (*condition, error) {
	i, known := typeIndex(typ)
	if !known {
		return nil, unknownType(typ)
	}
	pairs, err := search.ParseQueryString(strings.TrimPrefix(query, "?"))
	if err != nil {
		return nil, err
	}
	for _, p := range pairs {
		if p.Name == "_cascade" || p.Name == "_expunge" {
			return nil, fault.At(fault.Invalid, fault.Issue{Code: "not-supported", Expression: "http." + p.Name,
				Text: p.Name + " is not supported: what refers to a resource is deleted or changed first, by its own request or in one transaction"})
		}
	}
	q, _, err := search.ParseIn(set, typ, pairs, search.Strict)
	if err != nil {
		return nil, err
	}
	if q.Contained != search.ContainedFalse {
		return nil, fault.At(fault.Invalid, fault.Issue{Code: "invalid", Expression: "http._contained",
			Text: "search parameter _contained cannot be in the condition of a write, which is about resources of their own"})
	}
	if len(q.Clauses) == 0 {
		return nil, fault.New(fault.Invalid, "a conditional search on %s needs at least one search parameter", typ)
	}
	return &condition{typ: typ, index: i, text: sorted(q.Used), query: q, limit: 2}, nil
}

func sorted(pairs []search.Pair) string {
	pairs = slices.Clone(pairs)
	slices.SortFunc(pairs, func(a, b search.Pair) int {
		return cmp.Or(strings.Compare(a.Name, b.Name), strings.Compare(a.Value, b.Value))
	})
	return search.Encode(pairs)
}

// asExpected reports whether the matches are still those for which the plan was made.
func (c *condition) asExpected() bool {
	return !c.foreseen || slices.EqualFunc(c.expected, c.matches, func(a, b match) bool { return a.rid == b.rid })
}

// foresee searches for what conditions match before anything is locked, in one round trip: which resources they find
// decides which locks are needed. Under the locks they are searched for again.
func (s *Store) foresee(ctx context.Context, m *member, list ...*condition) error {
	list = slices.DeleteFunc(slices.Clone(list), func(c *condition) bool { return c.foreseen })
	if len(list) == 0 {
		return nil
	}
	for _, c := range list {
		if err := s.compile(ctx, m, c); err != nil {
			return err
		}
	}
	return s.db.Read(ctx, func(tx db.Tx) error {
		send := tx.Last
		if slices.ContainsFunc(list, func(c *condition) bool { return c.deep }) {
			send = tx.Pipeline
		}
		err := send(ctx, func(p *db.Pipe) {
			for _, c := range list {
				c.guards, c.foreseen, c.expected = true, true, nil
				c.search(p, &c.expected)
			}
		})
		for _, c := range list {
			if c.deep && err == nil {
				c.expected, err = s.seek(ctx, tx, m, c, &m.spent)
			}
		}
		return err
	})
}

// search queues the search of a condition.
func (c *condition) search(p *db.Pipe, into *[]match) {
	if !c.deep {
		p.Query(c.statement, append(slices.Clip(c.args), c.limit), taking(into))
	}
}

func taking(into *[]match) func(db.Row) error {
	return func(r db.Row) error {
		*into = append(*into, match{id: r.Text(1), rid: r.Int64(0), version: r.Int64(2)})
		return nil
	}
}

// compile makes the statement that finds the resources that meet a condition, up to its limit. It is made while the write is
// planned, because it may look things up.
func (s *Store) compile(ctx context.Context, m *member, c *condition) error {
	if c.args != nil {
		return nil
	}
	k, err := s.compiler(ctx, m.p.Tenant, c.typ)
	if err != nil {
		return err
	}
	k.spent = &m.spent
	if err := k.noWords(c.query.Clauses); err != nil {
		return err
	}
	if slices.ContainsFunc(c.query.Clauses, deep) {
		if err := k.noConcepts(c.query.Clauses); err != nil {
			return err
		}
		c.deep, c.args = true, []any{}
		return nil
	}
	k.later = true
	f := &finder{compiler: k, ctx: ctx}
	if f.preds, err = k.clauses(slices.Concat(c.query.Clauses, c.limits)); err != nil {
		return err
	}
	st := f.matching(c.limit)
	c.statement, c.args = st.text(), st.args[:len(st.args)-1]
	return nil
}

// matching is the statement that finds what a write is about.
func (f *finder) matching(limit int) *statement {
	st := newStatement(f.from.Dialect(), f.k.tenant)
	src := f.narrow()
	st.add("SELECT r.rid, r.id, r.version FROM (" + src.selects() + " FROM ")
	src.from(f, st)
	src.filters(f, st)
	st.add(unreplaced)
	if limit > 2 {
		st.add(" ORDER BY c.rid") // the same ones each time
	}
	return st.add(" LIMIT ?) q JOIN resource r ON r.tenant = $1 AND r.rid = q.rid ORDER BY r.rid", limit)
}

// narrow chooses a source without asking the database: conditions name things by
// identifiers, so the first positive predicate is rare.
func (f *finder) narrow() source {
	for i, p := range f.preds {
		if p.walkable() && len(p.probes) == 1 {
			return source{walk: i, collect: -1}
		}
	}
	for i, p := range f.preds {
		if p.positive() {
			return source{walk: -1, collect: i}
		}
	}
	return source{walk: -1, collect: -1}
}
