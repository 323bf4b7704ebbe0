package store

import (
	"context"
	"strings"

	"github.com/ficushealth/ficus/fault"
	"github.com/ficushealth/ficus/fhir"
)

// relink rewrites the references that change and returns, for every reference to
// a resource of this server, its number.
func (s *Store) relink(ctx context.Context, l *loaded, m *member, o *op, old fhir.Resource) (fhir.Resource, map[string]resolved, error) {
	var edits []fhir.Edit
	targets := make(map[string]resolved, len(o.refs))
	for _, r := range o.refs {
		to, ok, err := m.resolve(l, o, r)
		if err != nil {
			return fhir.Resource{}, nil, misplaced(r, o, err)
		}
		if !ok {
			if err := m.formless(r, o); err != nil {
				return fhir.Resource{}, nil, misplaced(r, o, err)
			}
			continue
		}
		if !to.exists && m.integrity && !o.opts.replayed && !m.stood(to, old, s.base) {
			return fhir.Resource{}, nil, misplaced(r, o, fault.New(fault.Unprocessable, "the reference points at %s that does not exist", fault.A(to.typ)))
		}
		if err := l.superseded(m, to, o, old, s.base); err != nil {
			return fhir.Resource{}, nil, misplaced(r, o, err)
		}
		targets[to.typ+"/"+to.id] = to
		if to.rewrite {
			start, end := r.value.Span(o.body.Value)
			edits = append(edits, fhir.Edit{Start: start, End: end, New: fhir.AppendString(nil, to.text()+r.tail())})
		}
	}
	if edits = append(edits, m.bundle.elsewhere(o)...); len(edits) == 0 {
		return o.body, targets, nil
	}
	r, err := stored(fhir.Splice(o.body.Raw(), edits))
	if err == nil { // what a UUID stood for may be of a type that must not stand there
		err = s.validate(ctx, m.p.Tenant, r)
	}
	return r, targets, err
}

// formless refuses a reference that can point nowhere: to a UUID that only the entries of one transaction can know, or of
// no form that the standard knows.
func (m *member) formless(r ref, o *op) error {
	if !m.integrity || o.opts.replayed {
		return nil
	}
	scheme, _, hasScheme := strings.Cut(r.Text, ":")
	switch {
	case strings.HasPrefix(r.Text, "urn:uuid:"):
		return fault.New(fault.Unprocessable, "a reference to a UUID means an entry of the same transaction; outside of one nothing has it as its address")
	case r.Kind == fhir.RefOther && (!hasScheme || strings.ContainsAny(scheme, " /?#") || strings.ContainsAny(r.Text, " \t\r\n")):
		return fault.New(fault.Unprocessable, "a reference is Type/id, an absolute URL, a urn, or #id of a contained resource")
	}
	return nil
}

// tail is the fragment that a rewritten reference keeps.
func (r ref) tail() string {
	if r.Fragment == "" {
		return ""
	}
	return "#" + r.Fragment
}

func misplaced(r ref, o *op, err error) error {
	f := fault.Find(err)
	if f == nil {
		return err
	}
	line, col := r.value.Pos()
	return fault.At(f.Kind, fault.Issue{Text: f.Text, Expression: placeOf(r.value, o.body), Line: line, Col: col})
}

// text is the reference as it is stored.
func (to resolved) text() string {
	if to.version != "" {
		return to.typ + "/" + to.id + "/_history/" + to.version
	}
	return to.typ + "/" + to.id
}
