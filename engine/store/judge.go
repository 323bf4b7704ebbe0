package store

import (
	"context"
	"strconv"

	"github.com/ficushealth/ficus/fault"
	"github.com/ficushealth/ficus/fhir"
)

// rule asks the owner of the type what it thinks of the op.
func (s *Store) rule(ctx context.Context, m *member, o *op, old, r fhir.Resource) error {
	rule, ok := s.rules[o.typ]
	if !ok {
		return nil
	}
	before, err := s.plainly(o, old)
	if err != nil {
		return err
	}
	now, err := s.plainly(o, r)
	if err != nil {
		return err
	}
	err = rule(ctx, Draft{m.p, o.method, before, now, o.opts.replayed})
	if !r.Exists() || now.Value.Same(o.body.Value) {
		return err
	}
	return withoutPosition(err)
}

// plainly is a body as rules see it, so that they need not know how many ways there are to say one thing: under the id that
// it is stored under, and with references to this server in their relative form.
func (s *Store) plainly(o *op, r fhir.Resource) (fhir.Resource, error) {
	if !r.Exists() {
		return r, nil
	}
	var edits []fhir.Edit
	for _, ref := range refsOf(r, s.base) {
		if ref.Kind == fhir.RefRelative && ref.Base != "" {
			start, end := ref.value.Span(r.Value)
			edits = append(edits, fhir.Edit{Start: start, End: end, New: fhir.AppendString(nil, ref.Text[len(ref.Base)+1:])})
		}
	}
	if len(edits) > 0 {
		var err error
		if r, err = stored(fhir.Splice(r.Raw(), edits)); err != nil {
			return r, err
		}
	}
	if r.ID() == o.id {
		return r, nil
	}
	b, err := fhir.Stamp(r, o.id, strconv.FormatInt(o.version, 10), s.after(o.found))
	if err != nil {
		return r, err
	}
	return stored(b)
}

// withoutPosition takes line and column out of a rule's fault: they are those of another text than the caller's.
func withoutPosition(err error) error {
	f := fault.Find(err)
	if f == nil {
		return err
	}
	out := *f
	out.Issues = make([]fault.Issue, len(f.Issues))
	for n, i := range f.Issues {
		i.Line, i.Col = 0, 0
		out.Issues[n] = i
	}
	return &out
}
