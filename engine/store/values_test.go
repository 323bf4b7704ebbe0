package store_test

import (
	"fmt"
	"slices"
	"sync"
	"testing"

	"github.com/ficushealth/ficus/engine/access"
	"github.com/ficushealth/ficus/engine/db"
	"github.com/ficushealth/ficus/engine/db/dbtest"
	"github.com/ficushealth/ficus/engine/store"
)

const named = `{"resourceType":"Observation","id":"w","status":"final","meta":{"profile":["http://p/a"]},"code":{"text":"body weight"}}`

// spoken is an Observation with a name and a profile that have a number of three digits.
func spoken(i int) string {
	return fmt.Sprintf(`{"resourceType":"Observation","id":"o%03d","status":"%s","meta":{"profile":["http://p/%03d","http://p"]},"code":{"text":"Test %03d of many"},"category":[{"text":"all"}]}`,
		i, []string{"final", "amended"}[i%2], i, i)
}

// TestValuesThatAreShared asks by the beginning of one, some and many values, alone, with others and not.
func TestValuesThatAreShared(t *testing.T) {
	dbtest.Both(t, func(t *testing.T, d *db.DB) {
		desk := openOn(t, d, store.Options{}).As(access.Inside(1, "test"))
		for i := range 150 {
			put(t, desk, spoken(i))
		}
		put(t, desk, spoken(5)) // an update that leaves the values as they are
		put(t, desk, `{"resourceType":"Observation","id":"n","status":"final","code":{"text":"nothing"},"subject":{"display":"x"}}`)
		for asked, want := range map[string]int64{
			"code:text=TEST 001": 1, "code:text=test 00": 10, "code:text=test": 150, "code:text=tests": 0, "category:text=all": 150,
			"code:text=test 00&category:text=al": 10, "code:text=test&status=amended": 75, "status=final&code:text=test": 75,
			"_profile:below=http://p/00": 0, "_profile:below=http://p": 150, "_profile=http://p/007": 1, "_profile:above=http://p/007": 150,
			"_filter=_profile sw \"http://p/00\"": 10, "_filter=_profile co \"/01\"": 10, "_filter=_profile ew \"9\"": 15,
			"_filter=not(_profile co \"/0\")": 51, "_profile:missing=true": 1,
			"status=http://hl7.org/fhir/observation-status|": 151, "status=http://loinc.org|": 0, "status:not=http://hl7.org/fhir/observation-status|": 0,
		} {
			counts(t, desk, "Observation", asked, want)
		}
	})
}

// TestAValueThatIsNotListedIsMissing: a search by its beginning would not find the resource any more.
func TestAValueThatIsNotListedIsMissing(t *testing.T) {
	dbtest.Both(t, func(t *testing.T, d *db.DB) {
		s := openOn(t, d, store.Options{})
		put(t, s.As(access.Inside(1, "test")), named)
		if _, err := d.Exec(t.Context(), db.Same(`UPDATE ix_value SET value = 'body height' WHERE value = 'body weight'`)); err != nil {
			t.Fatal(err)
		}
		report, err := s.CheckIndex(t.Context(), 1, 0, 0)
		if err != nil || len(report.Faults) != 1 || report.Faults[0].Table != "ix_value" || report.Faults[0].ID != "w" {
			t.Errorf("%+v %v", report.Faults, err)
		}
	})
}

// TestConditionsOnNewValues: of many who make what none of them finds by the beginning of its name, one does.
func TestConditionsOnNewValues(t *testing.T) {
	dbtest.Both(t, func(t *testing.T, d *db.DB) {
		desk := openOn(t, d, store.Options{}).As(access.Inside(1, "test"))
		var made sync.Map
		var wg sync.WaitGroup
		for i := range 40 {
			wg.Go(func() {
				r := fhirOf(t, fmt.Sprintf(`{"resourceType":"Observation","status":"final","code":{"text":"thing %d no %d"}}`, i%4, i))
				res, err := desk.Create(t.Context(), r, store.IfNoneExist(fmt.Sprintf("code:text=thing %d", i%4)))
				if err != nil {
					t.Error(err)
				}
				made.Store(res.ID, true)
			})
		}
		wg.Wait()
		var ids []string
		made.Range(func(id, _ any) bool { ids = append(ids, id.(string)); return true })
		if slices.Sort(ids); len(ids) != 4 {
			t.Errorf("%d were made, want 4", len(ids))
		}
	})
}
