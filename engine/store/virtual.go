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
	// Search gives a page. Faults: Invalid for what cannot be asked of this type.
	Search(ctx context.Context, tenant int32, q search.Query) (Page, error)
}

// made reads a version of a resource of a source.
func (s *Store) made(ctx context.Context, tenant int32, from Source, typ, id, version string) (Version, error) {
	if version != "" && version != "1" {
		return Version{}, fault.New(fault.Unknown, "there is no such version of the %s", typ)
	}
	return from.Read(ctx, tenant, id)
}

// kept refuses to write what a source answers for. Fault: NotAllowed.
func (s *Store) kept(typ string) error {
	if s.sources[typ] == nil {
		return nil
	}
	return fault.At(fault.NotAllowed, fault.Issue{Code: "not-supported", Text: "resources of type " + typ + " are made by the server alone: they can be read and searched, not written"})
}
