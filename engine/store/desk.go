package store

import (
	"context"

	"github.com/ficushealth/ficus/engine/access"
	"github.com/ficushealth/ficus/engine/audit"
	"github.com/ficushealth/ficus/fault"
	"github.com/ficushealth/ficus/fhir"
	"github.com/ficushealth/ficus/fhir/patch"
)

// Desk is the store as one caller sees it.
type Desk struct {
	s *Store
	p access.Principal

	room func(bytes int64) error // nil: there is enough
}

// Within is the desk of a request that needs room for what a patch takes apart: room is asked before, by each change for as many bytes as
// its patches have in all, perhaps more than once, and its fault refuses the change.
func (d *Desk) Within(room func(bytes int64) error) *Desk { return &Desk{d.s, d.p, room} }

// Create stores a new resource under a new id and returns it as stored. Faults:
// Unprocessable, Forbidden, Conflict from the owner's Rule, Stale if IfNoneExist matches several.
func (d *Desk) Create(ctx context.Context, r fhir.Resource, opts ...Option) (Result, error) {
	return d.one(ctx, func(c *Change) *Result { return c.Create(r, opts...) })
}

// Update stores a new version of the resource with that id, or the first one.
// Faults: as Create; Invalid without an id, Stale if IfMatch or IfAbsent does not hold.
func (d *Desk) Update(ctx context.Context, r fhir.Resource, opts ...Option) (Result, error) {
	return d.one(ctx, func(c *Change) *Result { return c.Update(r, opts...) })
}

// Delete makes the resource's next version a tombstone; doing so twice changes
// nothing, nor does deleting what never was. Faults: Conflict if others refer to it, Stale if IfMatch does not hold.
func (d *Desk) Delete(ctx context.Context, typ, id string, opts ...Option) (Result, error) {
	return d.one(ctx, func(c *Change) *Result { return c.Delete(typ, id, opts...) })
}

// Patch changes the current version of the resource, or, with Where and no id, of the one that is found. It needs the right
// to read as well, because a patch may test what is there. Faults: as Update; Unknown or Gone if there is nothing to patch,
// Unprocessable for a patch that this version does not allow, or that changes id or type.
func (d *Desk) Patch(ctx context.Context, typ, id string, p patch.Patch, opts ...Option) (Result, error) {
	return d.one(ctx, func(c *Change) *Result { return c.Patch(typ, id, p, opts...) })
}

// DeleteWhere deletes what a search finds; see Change.DeleteWhere. The results are in the order of creation.
func (d *Desk) DeleteWhere(ctx context.Context, typ, query string, opts ...Option) (out []Result, err error) {
	var found []*Result
	err = d.Write(ctx, func(c *Change) error {
		found = c.DeleteWhere(typ, query, opts...)
		return nil
	})
	if err != nil {
		return nil, err
	}
	for _, r := range found {
		out = append(out, *r)
	}
	return out, nil
}

func (d *Desk) one(ctx context.Context, add func(*Change) *Result) (Result, error) {
	var out *Result
	err := d.Write(ctx, func(c *Change) error {
		out = add(c)
		return nil
	})
	if err != nil {
		return Result{}, err
	}
	if out.Effect != Unchanged || out.Body != nil || out.Method == Delete {
		return *out, nil
	}
	v, err := d.match(ctx, *out)
	return Result{v, Unchanged}, err
}

// match is what a conditional create has found, and shows: the entry of the write could not know which version that is.
func (d *Desk) match(ctx context.Context, r Result) (Version, error) {
	v, err := d.seen(ctx, access.Read, r.Type, r.ID, "")
	if err == nil {
		v, err = d.cut(ctx, v)
	}
	if err == nil {
		err = d.record(ctx, d.entry("read", nil), v)
	}
	return v, d.missed(ctx, "read", r.Type, r.ID, err)
}

// refused audits a refusal and returns its error.
func (d *Desk) refused(ctx context.Context, action, typ, id string, err error) error {
	err, hides := uncovered(err)
	if err == nil || !hides && !fault.Is(err, fault.Forbidden) && !fault.Is(err, fault.Unauthorized) {
		return err
	}
	e := d.entry(action, things(typ, id, 0))
	e.Outcome, e.Reason = audit.Refused, reasonOf(err)
	if failed := d.s.audit.Record(ctx, e); failed != nil {
		return failed
	}
	return err
}

func (d *Desk) entry(action string, t []audit.Thing) audit.Entry {
	return audit.Of(d.p, action, d.s.now(), t...)
}

func reasonOf(err error) string {
	if f := fault.Find(err); f != nil {
		return f.Text
	}
	return ""
}

func things(typ, id string, version int64) []audit.Thing {
	return []audit.Thing{{Type: typ, ID: id, Version: int(version)}}
}
