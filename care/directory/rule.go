package directory

import (
	"context"

	"github.com/ficushealth/ficus/care"
	"github.com/ficushealth/ficus/engine/store"
)

// Rule guards each write to the directory. Fault: Unprocessable, with the place.
func Rule(_ context.Context, d store.Draft) error {
	if !d.New.Exists() || d.Replayed {
		return nil
	}
	if err := care.DistinctIdentifiers(d.New); err != nil {
		return err
	}
	return care.NotItself(d.New, d.New.Get("partOf"), d.New.Type()+".partOf")
}
