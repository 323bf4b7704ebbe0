package terms

import (
	"cmp"
	"slices"

	"github.com/ficushealth/ficus/engine/access"
	"github.com/ficushealth/ficus/engine/store"
	"github.com/ficushealth/ficus/fault"
	"github.com/ficushealth/ficus/fhir"
	"github.com/ficushealth/ficus/fhir/search"
	"github.com/ficushealth/ficus/fhir/term"
)

// mostSupplements is how many are looked at for one code system.
const mostSupplements = 100

// supplements are the stored code systems that add to one, without the retired, and of each its newest version
// (https://hl7.org/fhir/R4/codesystem.html#supplements).
func (l *library) supplements(cs *term.CodeSystem) (out []*term.CodeSystem, err error) {
	q, _, err := search.Parse("CodeSystem", []search.Pair{{Name: "supplements", Value: search.Escape(cs.URL)}, {Name: "_count", Value: "100"}}, search.Strict)
	if err != nil {
		return nil, err
	}
	page, err := l.s.store.As(access.Inside(l.tenant, "terms")).Search(l.ctx, q)
	if err != nil {
		return nil, err
	}
	if page.Next != "" {
		return nil, fault.New(fault.TooCostly, "the code system has more than %d supplements", mostSupplements)
	}
	for _, v := range page.Entries {
		more, err := l.supplement(v)
		if err != nil {
			return nil, err
		}
		if more.AddsTo(cs) && !more.Retired {
			out = append(out, more)
		}
	}
	return newestOfEach(out), nil
}

// supplement reads a code system that a search has found, once.
func (l *library) supplement(v store.Version) (*term.CodeSystem, error) {
	key := store.Key{Type: v.Type, ID: v.ID}
	read := func() (any, int64, error) {
		r, err := v.Resource()
		if err != nil {
			return nil, 0, err
		}
		cs, err := term.ReadCodeSystem(r)
		if err != nil {
			return nil, 0, unreadable(key, err)
		}
		return cs, int64(len(v.Body)), nil
	}
	made, _, err := l.s.shelf.get(l.ctx, spot{l.tenant, key, v.Number}, read)
	cs, ok := made.(*term.CodeSystem)
	if err == nil && !ok {
		err = fault.New(fault.Internal, "a code system was read as something else")
	}
	return cs, err
}

// newestOfEach keeps of those with one url the newest version.
func newestOfEach(list []*term.CodeSystem) []*term.CodeSystem {
	slices.SortStableFunc(list, func(a, b *term.CodeSystem) int {
		switch {
		case a.URL != b.URL:
			return cmp.Compare(a.URL, b.URL)
		case fhir.Older(b.Version, a.Version):
			return -1
		case fhir.Older(a.Version, b.Version):
			return 1
		}
		return 0
	})
	return slices.CompactFunc(list, func(a, b *term.CodeSystem) bool { return a.URL != "" && a.URL == b.URL })
}
