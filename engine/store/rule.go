package store

import (
	"context"

	"github.com/ficushealth/ficus/engine/access"
	"github.com/ficushealth/ficus/fhir"
)

// Draft is a write that a Rule looks at before it is applied. Old and New have the id under which they are stored, and name
// resources of this server by relative references, however they were written.
type Draft struct {
	Principal access.Principal
	Method    Method
	Old       fhir.Resource // zero where the resource is new
	New       fhir.Resource // zero where it is deleted
	Replayed  bool          // comes from a migration: history is taken as it was
}

// Rule is what the owner of a resource type asks of every write to it, wherever
// it comes from. It returns a fault to refuse the write. It must be quick, must
// not write, and runs for several drafts at the same time.
type Rule func(ctx context.Context, d Draft) error
