package store_test

import (
	"testing"

	"github.com/ficushealth/ficus/engine/access"
	"github.com/ficushealth/ficus/engine/db"
	"github.com/ficushealth/ficus/engine/db/dbtest"
	"github.com/ficushealth/ficus/engine/store"
)

// TestTheFewOfOneParameterAreSorted: where the only parameter has few matches the index of the order, which everybody's rows are in, is
// not read for them; nor where it was begun in vain, because they are the last ones, or for a page that is not much less than all of them.
func TestTheFewOfOneParameterAreSorted(t *testing.T) {
	dbtest.Both(t, func(t *testing.T, d *db.DB) {
		s := openOn(t, d, store.Options{})
		fill(t, s.As(access.Inside(1, "test")), 4000)
		for query, collects := range map[string]bool{"code=c13&_sort=-date": true, "status=final&_sort=-date": false, "code=c13&status=final&_sort=-date": true,
			"status=final&_sort=-date&_count=1000": true, "date=2020-01-24&_sort=date": true, "date=2020-01-24&_sort=-date": false} {
			if got, err := s.Collects(t.Context(), 1, observations(t, query)); err != nil || got != collects {
				t.Errorf("%s: %v %v", query, got, err)
			}
		}
	})
}
