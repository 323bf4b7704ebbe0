package access

import "github.com/ficushealth/ficus/fault"

// Check reports whether the principal may do op with resources of the type: nil or fault.Forbidden, whose text names a
// scope that would allow it. An empty type is the whole server. It does not allocate when it allows.
func (p Principal) Check(op Op, resourceType string) error {
	if p.System || p.Scopes.Allow(op, resourceType) {
		return nil
	}
	return refusal(op, resourceType)
}

func refusal(op Op, resourceType string) error {
	what := resourceType
	if what == "" {
		what = "*"
	}
	return fault.New(fault.Forbidden, "the scopes of this token do not allow %s on %s; system/%s.%s would", op, what, what, op.needs())
}
