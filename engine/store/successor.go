package store

import (
	"github.com/ficushealth/ficus/fault"
	"github.com/ficushealth/ficus/fhir"
)

// unreplaced leaves out of a condition's matches what another resource has taken the place of: who asks by a name that both
// bear means the one that goes on.
const unreplaced = ` AND NOT EXISTS (SELECT 1 FROM resource_successor z WHERE z.tenant = $1 AND z.rid = c.rid)`

// replaced reports whether another resource has taken the place of this one.
func (c *current) replaced() bool { return c != nil && c.successor != "" }

// superseded refuses a reference to what another resource has taken the place of. One that the resource holds already may
// stay, and the successor may name what it stands for.
func (l *loaded) superseded(m *member, to resolved, o *op, old fhir.Resource, own string) error {
	i, _ := typeIndex(to.typ)
	by := l.targets[identity{m.p.Tenant, i, to.id}].successor
	if by == "" || m.unseen[identity{m.p.Tenant, i, to.id}] || m.alone != nil || o.typ == to.typ && o.id == by || old.Exists() && refersTo(old, to, own) {
		return nil
	}
	return replacedBy(to.typ, to.id, by, "refer to that one")
}

func refersTo(r fhir.Resource, to resolved, own string) bool {
	for _, x := range refsOf(r, own) {
		if x.Kind == fhir.RefRelative && x.Type == to.typ && x.ID == to.id {
			return true
		}
	}
	return false
}

func replacedBy(typ, id, by, so string) error {
	return fault.At(fault.Unprocessable, fault.Issue{Code: "business-rule", Text: typ + "/" + id + " was replaced by " + typ + "/" + by + "; " + so})
}
