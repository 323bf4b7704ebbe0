package store

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"github.com/ficushealth/ficus/engine/access"
	"github.com/ficushealth/ficus/fault"
	"github.com/ficushealth/ficus/fhir"
	"github.com/ficushealth/ficus/fhir/search"
)

// planWrite makes the op of a create or an update: what can be decided without
// the database is decided here, in the caller's goroutine.
func (s *Store) planWrite(ctx context.Context, m *member, method Method, r fhir.Resource, opts options) (*op, error) {
	o := &op{method: method, typ: r.Type(), id: r.ID(), body: r, opts: opts, result: &Result{}}
	if opts.method != 0 {
		o.method = opts.method
	}
	i, known := typeIndex(o.typ)
	if !known {
		return nil, unknownType(o.typ)
	}
	o.index = i
	if err := m.p.Check(opOf(method), o.typ); err != nil {
		return nil, err
	}
	if err := s.validate(r); err != nil {
		return nil, err
	}
	if method == Post {
		o.id = s.newID()
	} else if !fhir.IsID(o.id) {
		return nil, fault.At(fault.Invalid, fault.Issue{Code: "value", Text: "the resource needs an id of 1 to 64 letters, digits, '-' or '.'", Expression: o.typ + ".id"})
	}
	return o, s.planRest(ctx, m, o)
}

func (s *Store) planRest(ctx context.Context, m *member, o *op) (err error) {
	o.refs = refsOf(o.body, s.base)
	o.early = s.spare(o) > 0
	if o.newRID, err = s.rids.takeMany(ctx, 1+s.spare(o)); err != nil {
		return err
	}
	if o.opts.ifNoneExist != "" {
		if err := m.p.Check(access.Read, o.typ); err != nil { // a match is shown
			return err
		}
		o.unless, err = m.condition(o.typ, o.opts.ifNoneExist)
	}
	return err
}

// spare is how many numbers an op reserves behind its own, for references whose targets have not come yet.
func (s *Store) spare(o *op) int64 {
	if s.integrity && !o.opts.replayed {
		return 0
	}
	return int64(len(o.refs))
}

func (s *Store) planDelete(m *member, typ, id string, opts options) (*op, error) {
	i, known := typeIndex(typ)
	if !known {
		return nil, unknownType(typ)
	}
	if err := m.p.Check(access.Delete, typ); err != nil {
		return nil, err
	}
	return &op{method: Delete, typ: typ, index: i, id: id, opts: opts, result: &Result{}}, nil
}

func opOf(m Method) access.Op {
	switch m {
	case Post:
		return access.Create
	case Delete:
		return access.Delete
	}
	return access.Update
}

func unknownType(typ string) error {
	return fault.At(fault.Unknown, fault.Issue{Code: "not-supported", Text: "there is no resource type of that name in R4", Expression: "resourceType"})
}

func (s *Store) validate(r fhir.Resource) error {
	if s.check == nil {
		return nil
	}
	var errors []fault.Issue
	for _, i := range s.check(r) {
		if !i.Warning {
			errors = append(errors, i)
		}
	}
	if len(errors) == 0 {
		return nil
	}
	return &fault.Error{Kind: fault.Unprocessable, Text: "the resource breaks the rules of FHIR R4", Issues: errors}
}

// condition parses a conditional search, once per member: two ways to write one
// search are one condition. It tells what exists, so it needs the right to search.
func (m *member) condition(typ, query string) (*condition, error) {
	if err := m.p.Check(access.Search, typ); err != nil {
		return nil, err
	}
	query = strings.TrimPrefix(query, "?")
	pairs, err := search.ParseQueryString(query)
	if err != nil {
		return nil, err
	}
	q, _, err := search.Parse(typ, pairs, search.Strict)
	if err != nil {
		return nil, err
	}
	if len(q.Clauses) == 0 {
		return nil, fault.New(fault.Invalid, "a conditional search on %s needs at least one search parameter", typ)
	}
	if q, err = reachable(m.p, q); err != nil {
		return nil, err
	}
	c := &condition{typ: typ, text: sorted(q.Used), query: q}
	for _, same := range m.conditions {
		if same.typ == typ && same.text == c.text {
			return same, nil
		}
	}
	m.conditions = append(m.conditions, c)
	return c, nil
}

func sorted(pairs []search.Pair) string {
	pairs = slices.Clone(pairs)
	slices.SortFunc(pairs, func(a, b search.Pair) int {
		return cmp.Or(strings.Compare(a.Name, b.Name), strings.Compare(a.Value, b.Value))
	})
	return search.Encode(pairs)
}
