package store

import "github.com/ficushealth/ficus/fault"

// answered is what a conditional reference stands for.
type answered struct {
	resolved
	err error
}

// settle answers what the entries of a bundle say of each other, once it is known what each does: conditional references
// come last, so they see what the bundle writes, as far as names decide; two entries must not make one thing.
func (m *member) settle() error {
	if m.bundle == nil {
		return nil
	}
	m.pin()
	if len(m.conditions) == 0 {
		return nil
	}
	m.bundle.named = m.writtenNames()
	for _, o := range m.ops {
		if err := m.overlap(o); err != nil {
			return o.wrap(err)
		}
	}
	m.bundle.answers = make(map[string]answered, len(m.bundle.conds))
	for text, c := range m.bundle.conds {
		m.bundle.answers[text] = m.answer(c)
	}
	return nil
}

// pin makes sure that a version is made to which a neighbour refers.
func (m *member) pin() {
	for _, o := range m.ops {
		o.pinned = false
	}
	for _, o := range m.ops {
		for _, r := range o.refs {
			if r.Version == "" {
				continue
			}
			to := m.bundle.entry(r, o.home)
			if to == nil {
				to = m.bundle.namesake(r, o.home)
			}
			if to != nil {
				to.pinned = true
			}
		}
	}
}

// writtenNames lists who writes something of which name.
func (m *member) writtenNames() map[int64][]*op {
	out := map[int64][]*op{}
	for _, o := range m.ops {
		if o.effect != Created && o.effect != Updated {
			continue
		}
		for _, key := range o.names(m) {
			out[key] = append(out[key], o)
		}
	}
	return out
}

// overlap refuses an entry that creates something under a condition which another entry makes true before its turn:
// POST comes before PUT and PATCH, and among the same verbs there is no order.
func (m *member) overlap(o *op) error {
	c := o.unless
	if o.which != nil {
		c = o.which
	}
	if c == nil || o.effect != Created {
		return nil
	}
	for _, other := range m.writers(c) {
		if other != o && (o.method != Post || other.method == Post) {
			return fault.At(fault.Invalid, fault.Issue{Code: "duplicate", Text: "another entry of the bundle makes what the condition of this entry looks for; they would be one resource twice"})
		}
	}
	return nil
}

// writers are the ops that write what meets the condition, if names decide that.
func (m *member) writers(c *condition) (out []*op) {
	if !c.byNames() {
		return nil
	}
	seen := map[*op]bool{}
	for _, key := range c.keys {
		for _, o := range m.bundle.named[key] {
			if !seen[o] && c.meets(o.body) {
				seen[o] = true
				out = append(out, o)
			}
		}
	}
	return out
}

// byNames reports whether names alone decide who meets the condition.
func (c *condition) byNames() bool {
	for _, k := range c.query.Clauses {
		if !comparesNames(c.typ, k) {
			return false
		}
	}
	return len(c.keys) > 0
}

// answer finds what a conditional reference stands for when the bundle has been carried out.
func (m *member) answer(c *condition) answered {
	if o := c.first; o != nil && (o.effect != Created || !c.byNames()) { // who has the condition is what it means
		return answered{resolved: o.answer(true)}
	}
	var found []resolved
	for _, x := range m.left(c) {
		if m.stays[identity{m.p.Tenant, c.index, x.id}] == nil || !c.byNames() {
			found = append(found, resolved{typ: c.typ, id: x.id, rid: x.rid, exists: true, rewrite: true})
		}
	}
	for _, o := range m.writers(c) {
		found = append(found, o.answer(true))
	}
	switch len(found) {
	case 1:
		return answered{resolved: found[0]}
	case 0:
		return answered{err: fault.New(fault.Stale, "the conditional reference to %s matches nothing", c.typ)}
	}
	return answered{err: fault.New(fault.Stale, "the conditional reference to %s matches more than one resource", c.typ)}
}
