package store

import (
	"context"

	"github.com/ficushealth/ficus/engine/access"
	"github.com/ficushealth/ficus/fault"
	"github.com/ficushealth/ficus/fhir"
)

// maxDeletes is how many resources one conditional delete may take without a _count.
const maxDeletes = 1000

// planWhere finds out which resource a conditional update is for.
func (s *Store) planWhere(ctx context.Context, m *member, o *op) error {
	found, err := s.which(ctx, m, o)
	switch {
	case err != nil:
		return err
	case found != nil:
		return o.take(*found)
	case o.id == "":
		if _, err := m.sight.may(access.Create, o.typ); err != nil {
			return err
		}
		o.id, o.absent, o.made = s.newID(), true, true
	case !o.narrow.All:
		return fault.At(fault.Invalid, fault.Issue{Code: "value", Expression: o.typ + ".id", Text: "the condition matches nothing that you see; leave the id out, and the server gives one"})
	case !fhir.IsID(o.id):
		return fault.At(fault.Invalid, fault.Issue{Code: "value", Text: "an id has 1 to 64 letters, digits, '-' or '.'", Expression: o.typ + ".id"})
	default:
		o.absent = true
	}
	return nil
}

// which is the one match of the op's condition, nil if there is none. Faults: Stale for several.
func (s *Store) which(ctx context.Context, m *member, o *op) (*match, error) {
	c, err := m.condition(o.typ, o.opts.where)
	if err != nil {
		return nil, err
	}
	if err := s.foresee(ctx, m, c); err != nil {
		return nil, err
	}
	if c.first != nil {
		return nil, fault.At(fault.Invalid, fault.Issue{Code: "duplicate", Text: "another entry of the bundle has the same condition"})
	}
	o.which, c.first = c, o
	switch len(c.expected) {
	case 0:
		return nil, nil
	case 1:
		return &c.expected[0], nil
	}
	return nil, fault.New(fault.Stale, "the condition matches more than one %s", o.typ)
}

// take makes the match what the op is for.
func (o *op) take(found match) error {
	if o.id != "" && o.id != found.id {
		line, col := o.body.Get("id").Pos()
		return fault.At(fault.Invalid, fault.Issue{Code: "value", Expression: o.typ + ".id", Line: line, Col: col,
			Text: "the id in the resource is not that of the one that the condition matches; leave it out"})
	}
	o.id = found.id
	return nil
}

// planDeleteWhere makes a delete of each match.
func (s *Store) planDeleteWhere(ctx context.Context, m *member, typ, query string, opts options) ([]*op, error) {
	if _, err := m.sight.may(access.Delete, typ); err != nil {
		return nil, err
	}
	c, err := m.condition(typ, query)
	if err != nil {
		return nil, err
	}
	bounded := c.query.Count > 0
	switch {
	case !s.deleteMany:
	case bounded:
		c.limit = min(c.query.Count, maxDeletes)
	default:
		c.limit = maxDeletes + 1
	}
	if err := s.foresee(ctx, m, c); err != nil {
		return nil, err
	}
	if err := s.mayDelete(len(c.expected), bounded, typ); err != nil {
		return nil, err
	}
	var ops []*op
	for _, x := range c.expected {
		o, err := planDelete(m, typ, x.id, opts)
		if err != nil {
			return nil, err
		}
		o.which = c
		ops = append(ops, o)
	}
	return ops, nil
}

func (s *Store) mayDelete(n int, bounded bool, typ string) error {
	switch {
	case n > 1 && !s.deleteMany:
		return fault.New(fault.Stale, "the condition matches more than one %s; this server deletes one at a time", typ)
	case n > maxDeletes && !bounded:
		return fault.New(fault.TooCostly, "the condition matches more than %d resources of type %s; delete them in parts, with _count", maxDeletes, typ)
	}
	return nil
}
