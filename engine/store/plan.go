package store

import (
	"context"
	"strings"

	"github.com/ficushealth/ficus/engine/access"
	"github.com/ficushealth/ficus/fault"
	"github.com/ficushealth/ficus/fhir"
	"github.com/ficushealth/ficus/fhir/index"
)

// planWrite makes the op of a create or an update: what can be decided without
// the database is decided here, in the caller's goroutine.
func (s *Store) planWrite(ctx context.Context, m *member, method Method, r fhir.Resource, opts options) (*op, error) {
	o, err := begin(m, method, r.Type(), opts)
	if err != nil {
		return nil, err
	}
	o.id, o.body = r.ID(), r
	if opts.method != 0 {
		o.method = opts.method
	}
	if err := s.validate(ctx, m.p.Tenant, r); err != nil {
		return nil, err
	}
	switch {
	case method == Post:
		o.id = s.newID()
	case opts.byWhere:
		err = s.planWhere(ctx, m, o)
	case !fhir.IsID(o.id):
		err = fault.At(fault.Invalid, fault.Issue{Code: "value", Text: "the resource needs an id of 1 to 64 letters, digits, '-' or '.'", Expression: o.typ + ".id"})
	}
	if err != nil {
		return nil, err
	}
	return o, s.planRest(ctx, m, o)
}

// begin makes an op on a known type, if the caller may do it.
func begin(m *member, method Method, typ string, opts options) (*op, error) {
	i, known := typeIndex(typ)
	if !known {
		return nil, unknownType(typ)
	}
	n, err := m.sight.may(opOf(method), typ)
	if err != nil {
		return nil, err
	}
	if len(n.Hide) > 0 && opOf(method) == access.Update {
		return nil, fault.New(fault.Forbidden, "elements of %s are hidden from you, so you cannot tell what a new version of it has to say", typ)
	}
	return &op{method: method, typ: typ, index: i, opts: opts, narrow: n, result: &Result{}}, nil
}

func (s *Store) planRest(ctx context.Context, m *member, o *op) (err error) {
	o.refs = refsOf(o.body, s.base)
	if err := m.fragments(o); err != nil {
		return err
	}
	o.early = m.spare(o) > 0
	if o.newRID, err = s.rids.takeMany(ctx, 1+m.spare(o)); err != nil {
		return err
	}
	if o.opts.ifNoneExist != "" {
		if _, err := m.sight.may(access.Read, o.typ); err != nil { // a match is shown
			return err
		}
		query, err := searchOf(o.typ, o.opts.ifNoneExist)
		if err != nil {
			return err
		}
		if o.unless, err = m.condition(o.typ, query); err != nil {
			return err
		}
		o.unless.guards = true
		return s.compile(ctx, m, o.unless)
	}
	return nil
}

// searchOf is the search of a conditional create. The standard has the parameters alone, many clients put the type in front, as
// in an address (https://hl7.org/fhir/R4/http.html#ccreate). Faults: Invalid for another type and for no parameters.
func searchOf(typ, text string) (string, error) {
	head, query, asked := strings.Cut(text, "?")
	if !asked || strings.Contains(head, "=") {
		return text, nil
	}
	head = strings.TrimPrefix(head, "/")
	switch {
	case head != "" && head != typ:
		return "", badCondition("If-None-Exist must be a search of the type that is created, such as " + typ + "?identifier=system|value, or the parameters alone")
	case strings.TrimSpace(query) == "":
		return "", badCondition("If-None-Exist must be one search, such as identifier=system|value")
	}
	return query, nil
}

func badCondition(text string) error {
	return fault.At(fault.Invalid, fault.Issue{Code: "value", Text: text, Expression: "http.If-None-Exist"})
}

// spare is how many numbers an op reserves behind its own, for references whose targets have not come yet.
func (m *member) spare(o *op) int64 {
	if m.integrity && !o.opts.replayed {
		return 0
	}
	return int64(len(o.refs))
}

func planDelete(m *member, typ, id string, opts options) (*op, error) {
	o, err := begin(m, Delete, typ, opts)
	if err == nil {
		o.id = id
	}
	return o, err
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

func (s *Store) validate(ctx context.Context, tenant int32, r fhir.Resource) error {
	if r.Type() == definer {
		if _, _, err := index.Define(r, nil); err != nil {
			return err
		}
	}
	if s.check == nil {
		return nil
	}
	issues, err := s.check(ctx, tenant, r)
	if err != nil {
		return err
	}
	var errors []fault.Issue
	for _, i := range issues {
		if !i.Warning {
			errors = append(errors, i)
		}
	}
	if len(errors) == 0 {
		return nil
	}
	return &fault.Error{Kind: fault.Unprocessable, Text: "the resource breaks the rules of FHIR R4", Issues: errors}
}
