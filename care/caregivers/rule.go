package caregivers

import (
	"context"
	"fmt"

	"github.com/ficushealth/ficus/care"
	"github.com/ficushealth/ficus/engine/store"
)

// Rule guards each write of a Person or RelatedPerson. Fault: Unprocessable, with the place.
func Rule(_ context.Context, d store.Draft) error {
	if !d.New.Exists() || d.Replayed {
		return nil
	}
	if err := care.DistinctIdentifiers(d.New); err != nil {
		return err
	}
	i := -1
	for link := range d.New.Get("link").Items() {
		i++
		if err := care.NotItself(d.New, link.Get("target"), fmt.Sprintf("%s.link[%d].target", d.New.Type(), i)); err != nil {
			return err
		}
	}
	return nil
}
