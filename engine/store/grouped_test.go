package store_test

import (
	"testing"

	"github.com/ficushealth/ficus/engine/access"
	"github.com/ficushealth/ficus/engine/db"
	"github.com/ficushealth/ficus/engine/db/dbtest"
	"github.com/ficushealth/ficus/engine/store"
	"github.com/ficushealth/ficus/engine/store/storetest"
	"github.com/ficushealth/ficus/fhir/search"
)

func observations(t *testing.T, query string) search.Query {
	t.Helper()
	pairs, err := search.ParseQueryString(query)
	if err != nil {
		t.Fatal(err)
	}
	q, _, err := search.Parse("Observation", pairs, search.Strict)
	if err != nil {
		t.Fatal(err)
	}
	return q
}

// TestOrdersBySeveralKeysOpenLittle: there is no time to put all that matches in order, but enough for the groups of a page.
func TestOrdersBySeveralKeysOpenLittle(t *testing.T) {
	dbtest.Both(t, func(t *testing.T, d *db.DB) {
		s := openOn(t, d, store.Options{Now: inTwoHours})
		desk := s.As(access.Inside(1, "test"))
		fill(t, desk, 4000)
		ctx, cancel := contextOfAnHour(t)
		defer cancel()
		for _, sort := range []string{"-date,status", "-date,code,_id", "status,-date", "-status,date,_id", "_lastUpdated,code", "date,identifier"} {
			if _, err := storetest.Page(ctx, desk, "Observation", "_sort="+sort, ""); err != nil {
				t.Error(sort, err)
			}
		}
	})
}

// TestOrdersBySeveralKeysGoAlongTheFirst names those that need not look at all matches.
func TestOrdersBySeveralKeysGoAlongTheFirst(t *testing.T) {
	dbtest.Both(t, func(t *testing.T, d *db.DB) {
		s := openOn(t, d, store.Options{})
		fill(t, s.As(access.Inside(1, "test")), 4000)
		for query, want := range map[string]bool{"_sort=-date,_id": true, "status=final&_sort=-date,_id": true, "_sort=code,-date": true, "_sort=patient.name,-date": true, "_sort=_id,date": false,
			"code=c13&_sort=-date,_id": false, "identifier=n00000&_sort=-date,_id": false} {
			if got, err := s.Groups(t.Context(), 1, observations(t, query)); err != nil || got != want {
				t.Errorf("%s: %v %v", query, got, err)
			}
		}
	})
}
