package store

import (
	"context"
	"errors"
	"time"

	"github.com/ficushealth/ficus/fault"
	"github.com/ficushealth/ficus/fhir"
	"github.com/ficushealth/ficus/fhir/index"
)

// Planned is a change whose writes are planned and not committed yet, so that one
// who writes a lot can plan the next change while this one is written.
type Planned struct {
	d *Desk
	c *Change
}

// Plan calls fn to collect writes, as Write does, and does as much of the work as
// can be done before their turn comes. Nothing has changed yet. Faults: as Write,
// as far as they can be told by now.
func (d *Desk) Plan(ctx context.Context, fn func(*Change) error) (*Planned, error) {
	c, err := d.collect(ctx, fn)
	if err != nil {
		return nil, err
	}
	return &Planned{d, c}, nil
}

// Commit commits the change, once. Faults: as Write.
func (p *Planned) Commit(ctx context.Context) error {
	if p.c == nil {
		return fault.New(fault.Internal, "a change was committed twice")
	}
	c := p.c
	p.c = nil
	return p.d.submit(ctx, c)
}

// collect plans the writes that fn asks for.
func (d *Desk) collect(ctx context.Context, fn func(*Change) error) (*Change, error) {
	keys, err := d.s.keys(ctx, d.p.Tenant)
	if err != nil {
		return nil, err
	}
	chosen, err := d.s.settings(ctx, d.p.Tenant)
	if err != nil {
		return nil, err
	}
	params, err := d.s.params(ctx, d.p.Tenant)
	if err != nil {
		return nil, err
	}
	c := &Change{ctx: ctx, d: d, m: &member{p: d.p, sight: sight{d.s, &d.p, params}, keys: keys, params: params, planned: params.edition, integrity: !chosen.DanglingReferences, room: d.room}}
	if err := fn(c); err != nil {
		return nil, d.refused(ctx, "write", c.subject(), "", err)
	}
	if err := errors.Join(c.errs...); err != nil {
		return nil, d.refused(ctx, "write", c.subject(), "", c.errs[0])
	}
	if twice := c.m.twice(); twice != nil {
		return nil, twice.wrap(fault.New(fault.Invalid, "this %s is written twice in one change", twice.typ))
	}
	return c, nil
}

func (d *Desk) submit(ctx context.Context, c *Change) error {
	if len(c.m.ops)+len(c.m.events) == 0 && !c.m.own() {
		return nil
	}
	err := d.s.submit(ctx, c.m)
	if errors.Is(err, errRehearsed) {
		return nil
	}
	if err == nil {
		err = d.unseen(ctx, c.m)
	}
	return d.refused(ctx, "write", c.subject(), "", err)
}

// Drafted is an update that is to be added with others.
type Drafted struct {
	Resource fhir.Resource
	Options  []Option
}

// ahead is what an op would write if its resource is new, made before that is known.
type ahead struct {
	updated time.Time
	plain   []byte
	sealed  []byte
	rows    index.Rows
	edition int64 // of the search parameters that have these rows
}

// Updates adds many updates, none of them by a search; they are planned on all processors.
func (c *Change) Updates(list []Drafted) {
	ops, errs := make([]*op, len(list)), make([]error, len(list))
	todo := make([]func(), len(list))
	for i, u := range list {
		todo[i] = func() { ops[i], errs[i] = c.planAhead(u) }
	}
	run(todo)
	for i := range list {
		c.add(ops[i], errs[i])
	}
}

func (c *Change) planAhead(u Drafted) (*op, error) {
	opts := collect(u.Options)
	if opts.where != "" || opts.ifNoneExist != "" {
		return nil, fault.New(fault.Internal, "an update by a search cannot be planned with others")
	}
	o, err := c.d.s.planWrite(c.ctx, c.m, Put, u.Resource, opts)
	if err != nil || !opts.replayed || !opts.ifNoneMatch {
		return o, err
	}
	o.ahead, err = c.d.s.lookAhead(c.ctx, c.m, o)
	return o, err
}

// lookAhead makes what the op will write if nothing has its id and its number is the one that it has reserved.
func (s *Store) lookAhead(ctx context.Context, m *member, o *op) (a *ahead, err error) {
	a = &ahead{updated: s.after(nil), edition: m.params.edition}
	if a.plain, err = fhir.Stamp(o.body, o.id, "1", a.updated); err != nil {
		return nil, err
	}
	if a.rows, err = m.keys.extract(ctx, o.body, s.base, m.params.now); err != nil {
		return nil, err
	}
	a.rows.Codes = s.values.of(m.p.Tenant).fresh(a.edition, a.rows.Codes)
	a.sealed, err = m.keys.seal(o.newRID, 1, a.plain)
	return a, err
}

// use takes what was made beforehand, if it is what is to be written now.
func (a *ahead) use(m *member, o *op, r fhir.Resource, targets map[string]resolved) (used bool, err error) {
	if a == nil || o.version != 1 || a.edition != m.params.edition || !r.Value.Same(o.body.Value) {
		return false, nil
	}
	o.updated, o.plain, o.sealed, o.add = a.updated, a.plain, a.sealed, a.rows
	o.present, o.shared, o.targets = presentText(a.rows.Params), sharedText(ownKeys(a.rows)), targets
	if o.rid != o.newRID { // a placeholder has kept another number for it
		o.sealed, err = m.keys.seal(o.rid, o.version, o.plain)
	}
	return true, err
}
