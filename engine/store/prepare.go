package store

import (
	"context"
	"errors"
	"runtime"
	"strconv"
	"sync"
	"time"

	"github.com/ficushealth/ficus/fault"
	"github.com/ficushealth/ficus/fhir"
	"github.com/ficushealth/ficus/fhir/index"
)

// parallel is how many ops make it worth to share the work among processors.
const parallel = 8

// prepare decides what each op does and makes its rows. A member whose op is
// refused has lost; the others are not concerned.
func (s *Store) prepare(ctx context.Context, l *loaded, ms []*member) {
	var todo []func()
	errs := make([][]error, len(ms))
	for i, m := range ms {
		if m.err == nil {
			m.err = m.decide()
		}
		if m.err != nil {
			continue
		}
		errs[i] = make([]error, len(m.ops))
		for j, o := range m.ops {
			todo = append(todo, func() {
				defer s.caught(&errs[i][j])
				errs[i][j] = s.prepareOp(ctx, l, m, o)
			})
		}
	}
	run(todo)
	for i, m := range ms {
		m.err = first(m.err, errs[i])
	}
}

func first(err error, errs []error) error {
	for _, e := range errs {
		if err == nil {
			err = e
		}
	}
	return err
}

// run calls all functions, on all processors if they are many.
func run(todo []func()) {
	workers := min(runtime.GOMAXPROCS(0), len(todo)/parallel)
	if workers < 2 {
		for _, fn := range todo {
			fn()
		}
		return
	}
	var wg sync.WaitGroup
	for w := range workers {
		wg.Go(func() {
			for i := w; i < len(todo); i += workers {
				todo[i]()
			}
		})
	}
	wg.Wait()
}

// decide settles number, version and effect of each op, so that references among them are known. Deletes come first, as the
// standard has it: what they take away, no condition finds.
func (m *member) decide() error {
	if len(m.conditions) > 0 && m.planned != m.params.edition {
		return errMoved
	}
	for _, c := range m.conditions {
		if !c.asExpected() {
			return errMoved
		}
	}
	m.stays, m.gone, m.replaced = map[identity]*op{}, map[identity]*op{}, m.standing()
	for _, o := range m.ops {
		if o.method == Delete {
			if err := m.decideOp(o, m.gone); err != nil {
				return err
			}
		}
	}
	for _, o := range m.ops {
		if o.method != Delete {
			if err := m.decideOp(o, m.stays); err != nil {
				return err
			}
		}
	}
	return m.settle()
}

func (m *member) decideOp(o *op, after map[identity]*op) error {
	if err := o.decide(m); err != nil {
		return o.wrap(err)
	}
	after[identity{m.p.Tenant, o.index, o.id}] = o
	return nil
}

func (o *op) decide(m *member) error {
	if o.unless != nil {
		o.unlessFound = m.left(o.unless)
	}
	if len(o.unlessFound) > 1 {
		return fault.New(fault.Stale, "the condition of this conditional create matches more than one %s", o.typ)
	}
	if len(o.unlessFound) == 1 {
		o.effect = Unchanged
		return nil
	}
	if err := o.unknown(); err != nil {
		return err
	}
	if err := o.precondition(); err != nil {
		return err
	}
	if o.found.replaced() && m.alone == nil {
		return replacedBy(o.typ, o.id, o.found.successor, "it cannot be changed or deleted")
	}
	if o.method == Delete {
		return o.decideDelete()
	}
	o.rid, o.version, o.effect = o.newRID, 1, Created
	if o.found != nil {
		o.rid, o.version = o.found.rid, o.found.version+1
	}
	if o.found.live() {
		o.effect = Updated
	}
	return nil
}

// left are the matches of a condition that the same member does not delete.
func (m *member) left(c *condition) (out []match) {
	for _, x := range c.matches {
		if m.gone[identity{m.p.Tenant, c.index, x.id}] == nil {
			out = append(out, x)
		}
	}
	return out
}

func (o *op) decideDelete() error {
	if o.found == nil || o.found.placeholder() { // what was never there is gone as well
		o.effect = Unchanged
		return nil
	}
	o.rid, o.version, o.effect = o.found.rid, o.found.version+1, Removed
	if o.found.deleted {
		o.version, o.effect = o.found.version, Unchanged
	}
	return nil
}

func (o *op) precondition() error {
	switch {
	case o.edit != nil && !o.found.live():
		return fault.New(fault.Gone, "the %s was deleted", o.typ)
	case o.absent && o.found.live():
		return fault.New(fault.Conflict, "the condition matches no %s, but the id in the resource is that of one that is there", o.typ)
	case o.opts.ifNoneMatch && o.found.live():
		return fault.New(fault.Stale, "the %s exists already", o.typ)
	case o.opts.ifMatch == "":
		return nil
	case !o.found.live():
		return fault.New(fault.Stale, "the %s does not exist, so it has no version to match", o.typ)
	case o.opts.ifMatch != "*" && o.opts.ifMatch != strconv.FormatInt(o.found.version, 10):
		return fault.New(fault.Stale, "the %s has version %d now; read it again and repeat the change", o.typ, o.found.version)
	}
	return nil
}

// prepareOp makes the bodies and rows of one op.
func (s *Store) prepareOp(ctx context.Context, l *loaded, m *member, o *op) error {
	var err error
	o.patients = nil
	switch o.effect {
	case Created, Updated:
		err = s.prepareWrite(ctx, l, m, o)
	case Removed:
		err = s.prepareDelete(ctx, m, o)
	}
	if err != nil && !errors.Is(err, errMoved) {
		return o.wrap(err)
	}
	o.patients = s.patientsIn(o.patients, o.typ, o.id, o.plain)
	return err
}

func (s *Store) prepareWrite(ctx context.Context, l *loaded, m *member, o *op) error {
	old, err := s.oldBody(m, o)
	if err != nil {
		return err
	}
	if err := o.again(ctx, s, m, old); err != nil {
		return err
	}
	r, targets, err := s.relink(ctx, l, m, o, old)
	if err != nil {
		return err
	}
	if err := o.kept(old, r); err != nil {
		return err
	}
	if err := s.rule(ctx, m, o, old, r); err != nil {
		return err
	}
	if o.effect == Updated && !o.pinned && SameContent(r, old) {
		o.effect, o.version, o.updated, o.plain = Unchanged, o.found.version, time.UnixMicro(o.found.updated), old.Raw()
		return nil
	}
	o.labels = s.values.of(m.p.Tenant).lackedLabels(m.keys.hasher, m.params.edition, o.typ, labelsOf(r))
	if used, err := o.ahead.use(m, o, r, targets); used || err != nil {
		return err
	}
	o.updated = s.after(o.found)
	if o.plain, err = fhir.Stamp(r, o.id, strconv.FormatInt(o.version, 10), o.updated); err != nil {
		return err
	}
	if err := s.indexRows(ctx, m, o, old, r, targets); err != nil {
		return err
	}
	o.sealed, err = m.keys.seal(o.rid, o.version, o.plain)
	return err
}

func (s *Store) prepareDelete(ctx context.Context, m *member, o *op) error {
	if err := m.orphans(o); err != nil {
		return err
	}
	old, err := s.oldBody(m, o)
	if err != nil {
		return err
	}
	if err := s.rule(ctx, m, o, old, fhir.Resource{}); err != nil {
		return err
	}
	o.updated = s.after(o.found)
	o.drop, err = m.keys.extract(ctx, old, s.base, m.params.was)
	return err
}

// orphans refuses a delete that would leave references to nothing, unless the same member removes or rewrites them.
func (m *member) orphans(o *op) error {
	left := map[int64]bool{}
	for _, r := range o.referrers {
		if !m.replaced[r.rid] {
			left[r.rid] = true
		}
	}
	switch n := len(left); {
	case n == 0:
		return nil
	case !o.narrow.All: // how many there are is not for who sees a part
		return fault.New(fault.Conflict, "other resources refer to this %s; it cannot be deleted before they are", o.typ)
	case len(o.referrers) >= maxReferrers:
		return fault.New(fault.Conflict, "%d other resources or more refer to this %s; delete or change them first", n, o.typ)
	case n == 1:
		return fault.New(fault.Conflict, "1 other resource refers to this %s; delete or change it first", o.typ)
	default:
		return fault.New(fault.Conflict, "%d other resources refer to this %s; delete or change them first", n, o.typ)
	}
}

func (s *Store) oldBody(m *member, o *op) (fhir.Resource, error) {
	if !o.found.live() {
		return fhir.Resource{}, nil
	}
	plain, err := m.keys.open(o.found.rid, o.found.version, o.found.sealed)
	if err != nil {
		return fhir.Resource{}, err
	}
	o.patients = s.patientsIn(o.patients, o.typ, o.id, plain)
	return stored(plain)
}

// after is the instant of the new version: now, but always behind the version before.
func (s *Store) after(c *current) time.Time {
	now := s.now().UnixMicro()
	if c != nil && now <= c.updated {
		now = c.updated + 1
	}
	return time.UnixMicro(now)
}

// indexRows compares the rows of the old and the new body: only what differs is written.
func (s *Store) indexRows(ctx context.Context, m *member, o *op, old, r fhir.Resource, targets map[string]resolved) error {
	now, err := m.keys.extract(ctx, r, s.base, m.params.now)
	if err != nil {
		return err
	}
	o.present, o.shared, o.targets = presentText(now.Params), sharedText(ownKeys(now)), targets
	var was index.Rows
	if old.Exists() {
		if was, err = m.keys.extract(ctx, old, s.base, m.params.was); err != nil {
			return err
		}
	}
	o.add, o.drop = difference(now, was), difference(was, now)
	o.add.Units = s.measures.of(m.p.Tenant).fresh(m.params.edition, now.Units)
	listed := s.values.of(m.p.Tenant)
	o.add.Values, o.add.Codes = listed.fresh(m.params.edition, now.Values), listed.fresh(m.params.edition, now.Codes)
	return nil
}
