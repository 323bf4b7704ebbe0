package access

import (
	"strings"
	"sync"

	"github.com/ficushealth/ficus/fhir/r4"
)

// Book remembers decisions, so that one that was made costs a look-up. A decision depends on nothing but its key: another
// scope, role, person or set of parameters has another. The zero value is ready.
type Book struct {
	mu         sync.RWMutex
	young, old map[question]Narrow
}

// maxYoung is how many decisions are remembered, twice.
const maxYoung = 20_000

type question struct {
	op           Op
	edition      int64 // of the tenant's search parameters
	tenant       int32
	typ          string
	scopes, role string
	bearer       bearer
}

// bearer is what of a person matters.
type bearer struct{ patient, person, department, organization, clearance, purpose string }

// Decide says what of the resources of the type the principal may see or change by op. set are the search parameters of his
// tenant, of which edition is the number. Faults: Forbidden if it is nothing at all.
func (b *Book) Decide(p *Principal, op Op, resourceType string, set *r4.ParamSet, edition int64) (Narrow, error) {
	if p.Whole(op, resourceType) {
		return Narrow{All: true}, nil
	}
	q := question{op, edition, p.Tenant, resourceType, p.Scopes.text, p.Roles.text, p.bearer()}
	if n, known := b.recall(q); known {
		return n, nil
	}
	n, err := p.decide(op, resourceType, set)
	if err == nil {
		b.keep(q, n)
	}
	return n, err
}

func (p *Principal) bearer() bearer {
	b := bearer{p.Patient, p.Person, p.Department, p.Organization, p.Clearance, ""}
	if p.Clearance != "" {
		b.purpose = p.Purpose
	}
	return b
}

func (b *Book) recall(q question) (Narrow, bool) {
	b.mu.RLock()
	n, known := b.young[q]
	old, was := b.old[q]
	b.mu.RUnlock()
	if known || !was {
		return n, known
	}
	b.keep(q, old)
	return old, true
}

func (b *Book) keep(q question, n Narrow) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.young == nil || len(b.young) >= maxYoung {
		b.young, b.old = map[question]Narrow{}, b.young
	}
	b.young[q] = n
}

// Print tells one who is narrowed from others who may see something else: a place in a list that was made for the one is none in
// that of the other.
func (p *Principal) Print() string {
	b := p.bearer()
	return strings.Join([]string{p.Scopes.text, p.Roles.text, b.patient, b.person, b.department, b.organization, b.clearance, b.purpose}, "\x00")
}
