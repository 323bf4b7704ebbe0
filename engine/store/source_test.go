package store_test

import (
	"testing"

	"github.com/ficushealth/ficus/engine/access"
	"github.com/ficushealth/ficus/engine/db"
	"github.com/ficushealth/ficus/engine/db/dbtest"
	"github.com/ficushealth/ficus/engine/store"
	"github.com/ficushealth/ficus/fhir/search"
)

// TestTheFewOfOneParameterAreSorted: where the only parameter has few matches the index of the order, which everybody's rows are in, is
// not read for them.
func TestTheFewOfOneParameterAreSorted(t *testing.T) {
	dbtest.Both(t, func(t *testing.T, d *db.DB) {
		s := openOn(t, d, store.Options{})
		fill(t, s.As(access.Inside(1, "test")), 4000)
		for query, collects := range map[string]bool{"code=c13&_sort=-date": true, "status=final&_sort=-date": false, "code=c13&status=final&_sort=-date": true} {
			pairs, err := search.ParseQueryString(query)
			if err != nil {
				t.Fatal(err)
			}
			q, _, err := search.Parse("Observation", pairs, search.Strict)
			if err != nil {
				t.Fatal(err)
			}
			if got, err := s.Collects(t.Context(), 1, q); err != nil || got != collects {
				t.Errorf("%s: %v %v", query, got, err)
			}
		}
	})
}
