package app

import (
	"context"
	"slices"

	"github.com/google/uuid"

	"github.com/ficushealth/ficus/engine/operation/core"
)

// openOperations lists what is offered beside the interactions of FHIR: the operations of
// the store, of the terminology, and those of the modules.
func (a *App) openOperations(context.Context) error {
	a.Operations = slices.Concat(core.Operations(a.Now, uuid.NewString), a.Terms.Operations(), a.Modules.Operations())
	return a.Operations.Check()
}
