package store

import (
	"context"

	"github.com/ficushealth/ficus/fault"
	"github.com/ficushealth/ficus/fhir/search"
)

// Source answers for a resource type that is not kept in the store but made of what is kept elsewhere. It can be read and
// searched, and nothing else: each resource has one version.
type Source interface {
	// Read gives a resource. Fault: Unknown.
	Read(ctx context.Context, tenant int32, id string) (Version, error)
	// Search gives a page of what the query asks and what its Limits leave. Faults: Invalid for what cannot be asked of this type,
	// Forbidden for limits that cannot be kept.
	Search(ctx context.Context, tenant int32, q search.Query) (Page, error)
}

// made reads a version of a resource of a source.
func (s *Store) made(ctx context.Context, tenant int32, from Source, typ, id, version string) (Version, error) {
	if version != "" && version != "1" {
		return Version{}, fault.New(fault.Unknown, "there is no such version of the %s", typ)
	}
	return from.Read(ctx, tenant, id)
}

// madeSeen is made for a caller who sees a part of the type.
func (s *Store) madeSeen(ctx context.Context, tenant int32, from Source, where []search.Clause, typ, id, version string) (Version, error) {
	unknown := fault.New(fault.Unknown, "there is no such %s", typ)
	if _, err := s.made(ctx, tenant, from, typ, id, version); fault.Is(err, fault.Unknown) {
		return Version{}, unknown
	} else if err != nil {
		return Version{}, err
	}
	q, _, err := search.Parse(typ, []search.Pair{{Name: "_id", Value: search.Escape(id)}}, search.Strict)
	if err != nil {
		return Version{}, err
	}
	q.Limits = map[string][]search.Clause{typ: where}
	page, err := from.Search(ctx, tenant, q)
	switch {
	case err != nil:
		return Version{}, err
	case len(page.Entries) == 0:
		return Version{}, hidden{unknown}
	}
	return page.Entries[0], nil
}

// together refuses to search several types at once of which one is not kept here. Fault: Invalid.
func (s *Store) together(types []string) error {
	for _, typ := range types {
		if s.sources[typ] != nil {
			return fault.At(fault.Invalid, fault.Issue{Code: "not-supported", Expression: "http._type",
				Text: typ + " is not searched together with other types: ask for /" + typ + " by itself"})
		}
	}
	return nil
}

// kept refuses to write what a source answers for. Fault: NotAllowed.
func (s *Store) kept(typ string) error {
	if s.sources[typ] == nil {
		return nil
	}
	return fault.At(fault.NotAllowed, fault.Issue{Code: "not-supported", Text: "resources of type " + typ + " are made by the server alone: they can be read and searched, not written"})
}
