package store

import (
	"context"
	"errors"
	"math/rand/v2"
	"time"

	"github.com/ficushealth/ficus/engine/db"
	"github.com/ficushealth/ficus/event"
	"github.com/ficushealth/ficus/fault"
	"github.com/ficushealth/ficus/fhir"
	"github.com/ficushealth/ficus/fhir/patch"
)

// Change collects writes that are committed together or not at all. Results are
// filled when Desk.Write returns without an error.
type Change struct {
	ctx  context.Context
	d    *Desk
	m    *member
	errs []error
}

// Write calls fn to collect writes and commits them as one. It returns fn's
// error, or the fault of the first write that cannot be; then nothing has changed.
// Which resources a conditional update, patch or delete is for is found out while fn
// runs; if that is no longer true when its turn comes, fn is called again.
func (d *Desk) Write(ctx context.Context, fn func(*Change) error) error {
	for try := 0; ; try++ {
		err := d.write(ctx, fn)
		if !errors.Is(err, errMoved) || try == maxPlans {
			return err
		}
		if err := pause(ctx, try); err != nil {
			return err
		}
	}
}

// maxPlans is how often a change is planned anew.
const maxPlans = 12

// errMoved says that what the plan of a member was made for has changed.
var errMoved = fault.New(fault.Conflict, "what the condition matches is being changed by others all the time; try again")

// pause waits longer each time, and not as long as others do.
func pause(ctx context.Context, try int) error {
	most := time.Duration(1<<min(try, 6)) * time.Millisecond
	select {
	case <-time.After(rand.N(most)):
		return nil
	case <-ctx.Done():
		return fault.New(fault.TimedOut, "the write was given up while others were changing what it is for; nothing was changed")
	}
}

// Rehearse calls fn to collect writes and tries them: the fault that Write would return comes back, and nothing has changed.
func (d *Desk) Rehearse(ctx context.Context, fn func(*Change)) error {
	return d.Write(ctx, func(c *Change) error {
		c.Rehearse()
		fn(c)
		return nil
	})
}

func (d *Desk) write(ctx context.Context, fn func(*Change) error) error {
	c, err := d.collect(ctx, fn)
	if err != nil {
		return err
	}
	return d.submit(ctx, c)
}

func (c *Change) subject() string {
	if len(c.m.ops) == 0 {
		return ""
	}
	return c.m.ops[0].typ
}

// twice is an op whose resource another op of the member writes too.
func (m *member) twice() *op {
	seen := make(map[identity]bool, len(m.ops))
	for _, o := range m.ops {
		id := identity{m.p.Tenant, o.index, o.id}
		if seen[id] {
			return o
		}
		seen[id] = true
	}
	return nil
}

// Create adds a create; the id that the resource will have is in the result at once.
func (c *Change) Create(r fhir.Resource, opts ...Option) *Result { return c.write(Post, r, opts) }

// Update adds an update.
func (c *Change) Update(r fhir.Resource, opts ...Option) *Result { return c.write(Put, r, opts) }

func (c *Change) write(method Method, r fhir.Resource, opts []Option) *Result {
	if err := c.d.s.kept(r.Type()); err != nil { // whatever the resource is like
		return c.add(nil, err)
	}
	o, err := c.d.s.planWrite(c.ctx, c.m, method, r, collect(opts))
	return c.add(o, err)
}

// Delete adds a delete.
func (c *Change) Delete(typ, id string, opts ...Option) *Result {
	if err := c.d.s.kept(typ); err != nil {
		return c.add(nil, err)
	}
	return c.add(planDelete(c.m, typ, id, collect(opts)))
}

// DeleteWhere adds the delete of what a search finds (https://hl7.org/fhir/R4/http.html#3.1.0.7.1); nothing is a result
// too. Several are deleted only if the store may (Options.DeleteMany), fault.Stale otherwise; _count bounds how many,
// without it more than 1,000 are fault.TooCostly. With IfMatch, each must have that version.
func (c *Change) DeleteWhere(typ, query string, opts ...Option) []*Result {
	if err := c.d.s.kept(typ); err != nil {
		c.errs = append(c.errs, err)
		return nil
	}
	ops, err := c.d.s.planDeleteWhere(c.ctx, c.m, typ, query, collect(opts))
	if err != nil {
		c.errs = append(c.errs, err)
	}
	var out []*Result
	for _, o := range ops {
		out = append(out, c.add(o, nil))
	}
	return out
}

// Patch adds a patch of the resource of that id, or, with Where, of the one that is found.
func (c *Change) Patch(typ, id string, p patch.Patch, opts ...Option) *Result {
	if err := c.d.s.kept(typ); err != nil {
		return c.add(nil, err)
	}
	return c.add(c.d.s.planPatch(c.ctx, c.m, typ, id, p, collect(opts)))
}

func (c *Change) add(o *op, err error) *Result {
	if err != nil {
		c.errs = append(c.errs, err)
		return &Result{}
	}
	c.m.ops = append(c.m.ops, o)
	o.result.Type, o.result.ID = o.typ, o.id
	return o.result
}

// Do adds a function that runs inside the transaction, before the writes are
// applied; its error takes everything back. It may run more than once.
func (c *Change) Do(fn func(context.Context, db.Tx) error) { c.m.within = append(c.m.within, fn) }

// Records adds bookkeeping rows of a module: new ones, or others in their place.
func (c *Change) Records(sink RecordSink, records []Record) {
	c.Do(func(ctx context.Context, tx db.Tx) error { return c.m.putRecords(ctx, tx, sink, records) })
}

// Forget adds the deletion of bookkeeping rows; those that are not there do not matter.
func (c *Change) Forget(sink RecordSink, ids []string) {
	c.Do(func(ctx context.Context, tx db.Tx) error { return c.m.dropRecords(ctx, tx, sink, ids) })
}

// Emit adds an event of the caller's own to those of the writes.
func (c *Change) Emit(e event.Event) {
	if e.Name == "" {
		c.errs = append(c.errs, fault.New(fault.Internal, "an event needs a name"))
		return
	}
	e.Tenant = c.d.p.Tenant
	c.m.events = append(c.m.events, e)
}
