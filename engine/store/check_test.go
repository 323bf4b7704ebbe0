package store_test

import (
	"slices"
	"testing"

	"github.com/ficushealth/ficus/engine/access"
	"github.com/ficushealth/ficus/engine/db"
	"github.com/ficushealth/ficus/engine/db/dbtest"
	"github.com/ficushealth/ficus/engine/store"
	"github.com/ficushealth/ficus/fhir"
)

const weight = `{"resourceType":"Observation","id":"w","status":"final","code":{"coding":[{"system":"http://loinc.org","code":"29463-7"}]},
	"valueQuantity":{"value":70,"system":"http://unitsofmeasure.org","code":"kg"}}`

// checked puts a weight, changes the index behind the store's back and returns what the check finds.
func checked(t *testing.T, d *db.DB, stmt string) []store.IndexFault {
	t.Helper()
	s := openOn(t, d, store.Options{})
	r, err := fhir.Parse([]byte(weight), fhir.Limits{})
	if err == nil {
		_, err = s.As(access.Inside(1, "test")).Update(t.Context(), r)
	}
	if err == nil {
		_, err = d.Exec(t.Context(), db.Same(stmt))
	}
	if err != nil {
		t.Fatal(err)
	}
	report, err := s.CheckIndex(t.Context(), 1, 0, 0)
	if err != nil {
		t.Fatal(err)
	}
	for i := range report.Faults {
		report.Faults[i].RID = 0
	}
	return report.Faults
}

// TestARowThatStandsTwiceIsOneTooMany: ix_token has no key on PostgreSQL that would refuse it.
func TestARowThatStandsTwiceIsOneTooMany(t *testing.T) {
	d := dbtest.Postgres(t)
	faults := checked(t, d, `INSERT INTO ix_token SELECT * FROM ix_token LIMIT 1`)
	if want := []store.IndexFault{{Type: "Observation", ID: "w", Table: "ix_token", Extra: 1}}; !slices.Equal(faults, want) {
		t.Errorf("%+v", faults)
	}
}

// TestAUnitThatIsNotListedIsMissing: a search in grams would not look for kilograms any more.
func TestAUnitThatIsNotListedIsMissing(t *testing.T) {
	for _, stmt := range []string{`UPDATE ix_unit SET code = 'g'`, `UPDATE ix_unit SET tenant = 2`, `DELETE FROM ix_unit`} {
		dbtest.Both(t, func(t *testing.T, d *db.DB) {
			faults := checked(t, d, stmt)
			if want := []store.IndexFault{{Type: "Observation", ID: "w", Table: "ix_unit", Missing: 1}}; !slices.Equal(faults, want) {
				t.Errorf("%s: %+v", stmt, faults)
			}
		})
	}
}
