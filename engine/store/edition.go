package store

import (
	"context"
	"slices"
	"strconv"

	"github.com/ficushealth/ficus/engine/access"
	"github.com/ficushealth/ficus/fault"
	"github.com/ficushealth/ficus/fhir"
	"github.com/ficushealth/ficus/fhir/patch"
)

// edition is a patch on its way. Its result is worked out before anything is locked, so that what it refers to can be
// locked and looked up like that of any other write; if the resource has a newer version by then, the patch is done again on
// that one, under the locks.
type edition struct {
	patch patch.Patch
	base  int64 // the version that body was made of
}

// planPatch makes the op of a patch.
func (s *Store) planPatch(ctx context.Context, m *member, typ, id string, p patch.Patch, opts options) (*op, error) {
	o, err := begin(m, Patch, typ, opts)
	if err != nil {
		return nil, err
	}
	readable, err := m.sight.may(access.Read, typ) // a patch can test what is there
	if err != nil {
		return nil, err
	}
	if o.id = id; opts.byWhere {
		found, err := s.which(ctx, m, o)
		if err != nil {
			return nil, err
		}
		if found == nil {
			return nil, fault.New(fault.Unknown, "the condition matches no %s to be patched", typ)
		}
		o.id = found.id
	}
	v, err := s.visible(ctx, m.p.Tenant, typ, o.id, slices.Concat(readable.Where, o.narrow.Where))
	if err != nil {
		return nil, err
	}
	if v.Deleted {
		return nil, fault.New(fault.Gone, "the %s was deleted", typ)
	}
	if opts.ifMatch != "" && opts.ifMatch != "*" && opts.ifMatch != strconv.FormatInt(v.Number, 10) { // said before what the patch would do to another version
		return nil, fault.New(fault.Stale, "the %s has version %d now; read it again and repeat the change", typ, v.Number)
	}
	if err := m.weigh(len(v.Body)); err != nil {
		return nil, err
	}
	if o.body, err = s.edited(ctx, m, p, v.Body, o); err != nil {
		return nil, err
	}
	o.edit = &edition{p, v.Number}
	return o, s.planRest(ctx, m, o)
}

// weigh asks whether there is room for a stored body that a patch takes apart, beside those of the change before it.
func (m *member) weigh(size int) error {
	m.patched += int64(size)
	if m.room == nil {
		return nil
	}
	return m.room(m.patched)
}

// edited is the patched body, checked as that of an update is.
func (s *Store) edited(ctx context.Context, m *member, p patch.Patch, body []byte, o *op) (fhir.Resource, error) {
	old, err := stored(body)
	if err != nil {
		return old, err
	}
	r, err := p.Apply(ctx.Done(), old)
	switch {
	case err != nil:
		return r, err
	case r.Type() != o.typ:
		return r, fault.At(fault.Unprocessable, fault.Issue{Code: "value", Text: "a patch must not change the type of the resource", Expression: "resourceType"})
	case r.ID() != o.id:
		return r, fault.At(fault.Unprocessable, fault.Issue{Code: "value", Text: "a patch must not change the id of the resource", Expression: o.typ + ".id"})
	}
	return r, s.validate(ctx, m.p.Tenant, r)
}

// again does the patch on the version that is there now, unless it is the one that was seen before. A result that refers
// to other things than the locks were taken for is errMoved.
func (o *op) again(ctx context.Context, s *Store, m *member, old fhir.Resource) error {
	if o.edit == nil || o.found.version == o.edit.base {
		return nil
	}
	r, err := s.edited(ctx, m, o.edit.patch, old.Raw(), o)
	if err != nil {
		return err
	}
	refs := refsOf(r, s.base)
	if !slices.EqualFunc(refs, o.refs, func(a, b ref) bool { return a.Text == b.Text }) || !slices.Equal(namesOf(m.keys.hasher, r), o.names(m)) {
		return errMoved
	}
	o.body, o.refs = r, refs
	return m.fragments(o)
}
