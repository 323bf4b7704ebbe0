package store

import (
	"strings"

	"github.com/ficushealth/ficus/fault"
	"github.com/ficushealth/ficus/fhir"
)

// links says what the references inside a transaction bundle stand for
// (https://hl7.org/fhir/R4/bundle.html#references).
type links struct {
	byURL map[string]*op        // fullUrl -> the entry that creates or updates it
	conds map[string]*condition // conditional reference -> its search
}

// resolved is what a reference has become.
type resolved struct {
	typ, id string
	rid     int64
	exists  bool // false: a row of that number is still to be made
	pending bool
	rewrite bool // the text in the resource changes
}

// resolve finds what a reference points at. ok is false for references that are
// not to a resource of this server; a fault says why a reference cannot stand.
func (m *member) resolve(l *loaded, r ref) (out resolved, ok bool, err error) {
	switch r.Kind {
	case fhir.RefConditional:
		return m.resolveCondition(r)
	case fhir.RefURN:
		return m.resolveURN(r)
	}
	if o := m.bundle.entry(r.Text); o != nil {
		return o.answer(true), true, nil
	}
	if r.Kind != fhir.RefRelative {
		return resolved{}, false, nil
	}
	i, known := typeIndex(r.Type)
	if !known {
		return resolved{}, false, fault.New(fault.Unprocessable, "the reference names a resource type that does not exist")
	}
	id := identity{m.p.Tenant, i, r.ID}
	if o := m.stays[id]; o != nil {
		return o.answer(false), true, nil
	}
	t := l.targets[id]
	t.exists = t.exists && m.gone[id] == nil
	return resolved{r.Type, r.ID, t.rid, t.exists, t.pending, false}, true, nil
}

// entry is the bundle entry of that fullUrl, nil without a bundle.
func (b *links) entry(url string) *op {
	if b == nil {
		return nil
	}
	url, _, _ = strings.Cut(url, "#")
	return b.byURL[url]
}

// answer is the op as the target of a reference from the same member.
func (o *op) answer(rewrite bool) resolved {
	if o.unless != nil && len(o.unless.matches) == 1 {
		x := o.unless.matches[0]
		return resolved{o.typ, x.id, x.rid, true, false, rewrite}
	}
	rid := o.newRID
	if o.found != nil {
		rid = o.found.rid
	}
	return resolved{o.typ, o.id, rid, true, false, rewrite}
}

func (m *member) resolveURN(r ref) (resolved, bool, error) {
	if o := m.bundle.entry(r.Text); o != nil {
		return o.answer(true), true, nil
	}
	if m.bundle == nil {
		return resolved{}, false, nil
	}
	if strings.HasPrefix(r.Text, "urn:uuid:") {
		return resolved{}, false, fault.New(fault.Unprocessable, "no entry of the bundle has the fullUrl that this reference names")
	}
	return resolved{}, false, nil
}

func (m *member) resolveCondition(r ref) (resolved, bool, error) {
	if m.bundle == nil {
		return resolved{}, false, fault.New(fault.Unprocessable, "a conditional reference is allowed inside a transaction only")
	}
	c := m.bundle.conds[r.Text]
	switch len(c.matches) {
	case 1:
		if i, _ := typeIndex(c.typ); m.gone[identity{m.p.Tenant, i, c.matches[0].id}] != nil {
			return resolved{}, false, fault.New(fault.Stale, "the conditional reference to %s matches one that the same change deletes", c.typ)
		}
		return resolved{c.typ, c.matches[0].id, c.matches[0].rid, true, false, true}, true, nil
	case 0:
		return resolved{}, false, fault.New(fault.Stale, "the conditional reference to %s matches nothing", c.typ)
	}
	return resolved{}, false, fault.New(fault.Stale, "the conditional reference to %s matches more than one resource", c.typ)
}
