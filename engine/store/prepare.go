package store

import (
	"bytes"
	"context"
	"runtime"
	"strconv"
	"strings"
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
			todo = append(todo, func() { errs[i][j] = s.prepareOp(ctx, l, m, o) })
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

// decide settles number, version and effect of each op, so that references among them are known.
func (m *member) decide() error {
	m.stays, m.gone = map[identity]*op{}, map[identity]*op{}
	for _, o := range m.ops {
		if err := o.decide(); err != nil {
			return o.wrap(err)
		}
		after := m.stays
		if o.method == Delete {
			after = m.gone
		}
		after[identity{m.p.Tenant, o.index, o.id}] = o
	}
	return nil
}

func (o *op) decide() error {
	if o.unless != nil && len(o.unless.matches) > 1 {
		return fault.New(fault.Stale, "the condition of this conditional create matches more than one %s", o.typ)
	}
	if o.unless != nil && len(o.unless.matches) == 1 {
		o.effect = Unchanged
		return nil
	}
	if err := o.precondition(); err != nil {
		return err
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
	case o.opts.ifNoneMatch && o.found.live():
		return fault.New(fault.Stale, "the %s exists already", o.typ)
	case o.opts.ifMatch == "":
		return nil
	case !o.found.live():
		return fault.New(fault.Stale, "the %s does not exist, so it has no version to match", o.typ)
	case o.opts.ifMatch != strconv.FormatInt(o.found.version, 10):
		return fault.New(fault.Stale, "the %s has version %d now; read it again and repeat the change", o.typ, o.found.version)
	}
	return nil
}

// prepareOp makes the bodies and rows of one op.
func (s *Store) prepareOp(ctx context.Context, l *loaded, m *member, o *op) error {
	var err error
	switch o.effect {
	case Created, Updated:
		err = s.prepareWrite(ctx, l, m, o)
	case Removed:
		err = s.prepareDelete(ctx, m, o)
	}
	if err != nil {
		return o.wrap(err)
	}
	return nil
}

func (s *Store) prepareWrite(ctx context.Context, l *loaded, m *member, o *op) error {
	old, err := s.oldBody(m, o)
	if err != nil {
		return err
	}
	r, targets, err := s.relink(l, m, o)
	if err != nil {
		return err
	}
	if err := s.rule(ctx, m, o, old, r); err != nil {
		return err
	}
	o.updated = s.after(o.found)
	if o.plain, err = fhir.Stamp(r, o.id, strconv.FormatInt(o.version, 10), o.updated); err != nil {
		return err
	}
	if o.opts.replayed && o.effect == Updated && sameContent(r, old, o) {
		o.effect, o.version, o.updated, o.plain = Unchanged, o.found.version, time.UnixMicro(o.found.updated), old.Raw()
		return nil
	}
	if err := s.indexRows(m, o, old, r, targets); err != nil {
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
	o.drop, err = m.keys.extract(old, s.base)
	return err
}

// orphans refuses a delete that would leave references to nothing, unless the same member removes or rewrites them.
func (m *member) orphans(o *op) error {
	for _, rid := range o.referrers {
		if !m.replaces(rid) {
			return fault.New(fault.Conflict, "other resources refer to this %s; delete or change them first", o.typ)
		}
	}
	return nil
}

func (m *member) replaces(rid int64) bool {
	for _, o := range m.ops {
		if o.found != nil && o.found.rid == rid {
			return true
		}
	}
	return false
}

func (s *Store) oldBody(m *member, o *op) (fhir.Resource, error) {
	if !o.found.live() {
		return fhir.Resource{}, nil
	}
	plain, err := m.keys.open(o.found.rid, o.found.version, o.found.sealed)
	if err != nil {
		return fhir.Resource{}, err
	}
	return fhir.Parse(plain, fhir.Limits{})
}

func (s *Store) rule(ctx context.Context, m *member, o *op, old, r fhir.Resource) error {
	rule, ok := s.rules[o.typ]
	if !ok {
		return nil
	}
	return rule(ctx, Draft{m.p, o.method, old, r, o.opts.replayed})
}

// after is the instant of the new version: now, but always behind the version before.
func (s *Store) after(c *current) time.Time {
	now := s.now().UnixMicro()
	if c != nil && now <= c.updated {
		now = c.updated + 1
	}
	return time.UnixMicro(now)
}

// sameContent reports whether the new body, given the old one's version and instant, is the old one.
func sameContent(r, old fhir.Resource, o *op) bool {
	m := old.Meta()
	at, err := time.Parse(time.RFC3339Nano, m.LastUpdated)
	if err != nil {
		return false
	}
	again, err := fhir.Stamp(r, o.id, m.VersionID, at)
	return err == nil && bytes.Equal(again, old.Raw())
}

// relink rewrites the references that change and returns, for every reference to
// a resource of this server, its number.
func (s *Store) relink(l *loaded, m *member, o *op) (fhir.Resource, map[string]resolved, error) {
	var edits []fhir.Edit
	targets := make(map[string]resolved, len(o.refs))
	for _, r := range o.refs {
		to, ok, err := m.resolve(l, r)
		if err != nil {
			return fhir.Resource{}, nil, misplaced(r, o, err)
		}
		if !ok {
			if err := s.formless(r, o); err != nil {
				return fhir.Resource{}, nil, misplaced(r, o, err)
			}
			continue
		}
		if !to.exists && s.integrity && !o.opts.replayed {
			return fhir.Resource{}, nil, misplaced(r, o, fault.New(fault.Unprocessable, "the reference points at a %s that does not exist", to.typ))
		}
		targets[to.typ+"/"+to.id] = to
		if to.rewrite {
			start, end := r.value.Span(o.body.Value)
			edits = append(edits, fhir.Edit{Start: start, End: end, New: fhir.AppendString(nil, to.typ+"/"+to.id+r.tail())})
		}
	}
	if len(edits) == 0 {
		return o.body, targets, nil
	}
	r, err := fhir.Parse(fhir.Splice(o.body.Raw(), edits), fhir.Limits{})
	return r, targets, err
}

// formless refuses a reference that can point nowhere: to a contained resource
// that is not there, or of no form that the standard knows.
func (s *Store) formless(r ref, o *op) error {
	if !s.integrity || o.opts.replayed {
		return nil
	}
	scheme, _, hasScheme := strings.Cut(r.Text, ":")
	switch {
	case r.Kind == fhir.RefFragment && r.Fragment != "" && !contains(o.body, r.Fragment):
		return fault.New(fault.Unprocessable, "no contained resource has the id that this reference names")
	case r.Kind == fhir.RefOther && (!hasScheme || strings.ContainsAny(scheme, " /?#") || strings.ContainsAny(r.Text, " \t\r\n")):
		return fault.New(fault.Unprocessable, "a reference is Type/id, an absolute URL, a urn, or #id of a contained resource")
	}
	return nil
}

func contains(r fhir.Resource, id string) bool {
	for c := range r.Get("contained").Items() {
		if c.Get("id").Str() == id {
			return true
		}
	}
	return false
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
	line, col := r.value.Pos()
	return fault.At(f.Kind, fault.Issue{Text: f.Text, Expression: placeOf(r.value, o.body), Line: line, Col: col})
}

// indexRows compares the rows of the old and the new body: only what differs is written.
func (s *Store) indexRows(m *member, o *op, old, r fhir.Resource, targets map[string]resolved) error {
	now, err := m.keys.extract(r, s.base)
	if err != nil {
		return err
	}
	o.present, o.targets = presentText(now.Params), targets
	var was index.Rows
	if old.Exists() {
		if was, err = m.keys.extract(old, s.base); err != nil {
			return err
		}
	}
	o.add, o.drop = difference(now, was), difference(was, now)
	return nil
}
