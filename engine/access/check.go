package access

import "github.com/ficushealth/ficus/fault"

// Whole reports whether the principal may do op with all resources of the type, so that nothing has to be narrowed. An empty
// type is the whole server. It does not allocate.
func (p *Principal) Whole(op Op, resourceType string) bool {
	return p.System || p.Clearance == "" && p.Scopes.Allow(op, resourceType) && (!p.Roles.held || p.Roles.every&op.needs() == op.needs())
}

// Check reports whether the principal may do op with resources of the type at all, be it with a part of them: nil or
// fault.Forbidden, whose text names a scope that would allow it. Which of them says Book.Decide.
func (p Principal) Check(op Op, resourceType string) error {
	_, err := p.Decide(op, resourceType)
	return err
}

// Decide is Book.Decide by the search parameters of R4, for what is asked too seldom to be remembered.
func (p *Principal) Decide(op Op, resourceType string) (Narrow, error) {
	if p.Whole(op, resourceType) {
		return Narrow{All: true}, nil
	}
	return p.decide(op, resourceType, nil)
}

func refusal(op Op, resourceType string) error {
	what := resourceType
	if what == "" {
		what = "*"
	}
	return fault.New(fault.Forbidden, "the scopes of this token do not allow %s on %s; system/%s.%s would", op, what, what, op.needs())
}

// Masked reports whether elements of some resources are hidden from the principal or not his to change.
func (p *Principal) Masked() bool { return len(p.Roles.masks) > 0 }
