package store

import (
	"time"

	"github.com/ficushealth/ficus/engine/audit"
)

// entries are the audit entries of a member: one for each kind of effect that it had.
func (m *member) entries(at time.Time) []audit.Entry {
	byAction, patients := map[string][]audit.Thing{}, map[string][]string{}
	for _, o := range m.ops {
		a, id, version := o.action()
		byAction[a] = append(byAction[a], audit.Thing{Type: o.typ, ID: id, Version: int(version), Mark: o.mark()})
		patients[a] = append(patients[a], o.patients...)
	}
	for i := range m.events {
		e := &m.events[i]
		byAction["emit"] = append(byAction["emit"], audit.Thing{Type: e.Type, ID: e.ID, Version: e.Version, Mark: EventMark(e)})
	}
	for _, n := range m.noted {
		byAction[n.action] = append(byAction[n.action], n.thing)
	}
	var out []audit.Entry
	for _, a := range []string{"create", "update", "delete", "match", "emit"} {
		if t := byAction[a]; len(t) > 0 {
			e := audit.Of(m.p, a, at, t...)
			e.Concerns(patients[a]...)
			out = append(out, e)
		}
	}
	return out
}

// action names what the op did, to which version; "match" found what it would have written, and showed it.
func (o *op) action() (name, id string, version int64) {
	switch o.effect {
	case Created:
		return "create", o.id, o.version
	case Updated:
		return "update", o.id, o.version
	case Removed:
		return "delete", o.id, o.version
	}
	if len(o.unlessFound) == 1 {
		return "match", o.unlessFound[0].id, 0
	}
	return "match", o.id, o.version
}

// mark is that of the version that the op writes; 0 if it writes none.
func (o *op) mark() uint64 {
	if o.effect == Unchanged {
		return 0
	}
	return o.outcome().Mark(o.opts.replayed)
}
