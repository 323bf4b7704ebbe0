package review

import (
	"slices"

	"github.com/ficushealth/ficus/engine/access"
	"github.com/ficushealth/ficus/engine/audit"
	"github.com/ficushealth/ficus/fault"
	"github.com/ficushealth/ficus/fhir/search"
)

// Who may see a part of the audit sees the entries that are about one patient, each cut to what is about him, or those that a plain
// search finds. What else a decision may ask is not in an entry, and opens nothing.

// narrowed adds to a filter what the principal's decision asks. Faults: Forbidden.
func narrowed(p access.Principal, f *audit.Filter) (nothing bool, err error) {
	n, err := p.Decide(access.Search, Type)
	if err != nil {
		return false, err
	}
	return limit(f, n.Where)
}

// limit adds conditions of a decision to a filter. nothing: no entry can meet them. Fault: Forbidden.
func limit(f *audit.Filter, where []search.Clause) (nothing bool, err error) {
	a := asker{f: *f}
	for _, c := range where {
		switch {
		case c.Form == search.Within && c.Compartment.Type == "Patient":
			a.nothing = a.nothing || a.f.Patient != "" && a.f.Patient != c.Compartment.ID
			a.f.Patient, a.f.Alone = c.Compartment.ID, true
		case c.Form == search.None && !slices.ContainsFunc(c.Sub, unlabelled): // labels: entries have none
		default:
			if c.Form != search.Compare || a.clause(c) != nil {
				return false, fault.New(fault.Forbidden, "the audit is not divided as your rights would have it: they allow all of it, or what is about one patient")
			}
		}
	}
	*f = a.f
	return a.nothing, nil
}

// unlabelled reports whether a condition asks for anything but labels.
func unlabelled(c search.Clause) bool {
	switch c.Form {
	case search.Compare:
		return c.Code != "_security"
	case search.All, search.Any, search.None:
		return slices.ContainsFunc(c.Sub, unlabelled)
	}
	return true
}
