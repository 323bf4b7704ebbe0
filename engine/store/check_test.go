package store_test

import (
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/ficushealth/ficus/engine/access"
	"github.com/ficushealth/ficus/engine/db"
	"github.com/ficushealth/ficus/engine/db/dbtest"
	"github.com/ficushealth/ficus/engine/store"
	"github.com/ficushealth/ficus/fhir"
)

const weight = `{"resourceType":"Observation","id":"w","meta":{"tag":[{"code":"t"}]},"status":"final","code":{"coding":[{"system":"http://loinc.org","code":"29463-7"}]},
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

// TestALabelThatIsNotListedIsMissing, but for those of resources that are older than the list.
func TestALabelThatIsNotListedIsMissing(t *testing.T) {
	for _, stmt := range []string{`DELETE FROM ix_label`, `UPDATE ix_label SET hash = hash + 1`, `UPDATE ix_label SET tenant = 2`, `UPDATE ix_label SET code = 'u'`,
		`UPDATE ix_label SET type = type + 1`} {
		dbtest.Both(t, func(t *testing.T, d *db.DB) {
			faults := checked(t, d, stmt)
			if want := []store.IndexFault{{Type: "Observation", ID: "w", Table: "ix_label", Missing: 1}}; !slices.Equal(faults, want) {
				t.Errorf("%s: %+v", stmt, faults)
			}
		})
	}
	dbtest.Both(t, func(t *testing.T, d *db.DB) {
		s, desk := labelStore(t, d)
		for _, stmt := range []string{`DELETE FROM ix_label`, `UPDATE store_counter SET next = (SELECT max(rid) + 1 FROM resource) WHERE name = 'labels'`} {
			if _, err := d.Exec(t.Context(), db.Same(stmt)); err != nil {
				t.Fatal(err)
			}
		}
		for range 2 {
			if report, err := s.CheckIndex(t.Context(), 1, 0, 0); err != nil || len(report.Faults) > 0 {
				t.Error(report.Faults, err)
			}
			labelsAre(t, desk, "Basic", "thttp://t|basic", "thttp://t|x,y")
		}
	})
}

// TestACheckWhileOthersWrite makes, changes and deletes resources as long as the check goes on: none of it is a fault.
func TestACheckWhileOthersWrite(t *testing.T) {
	dbtest.Both(t, func(t *testing.T, d *db.DB) {
		s := openOn(t, d, store.Options{})
		desk, ctx := s.As(access.Inside(1, "test")), t.Context()
		write := func(i int) error {
			id := fmt.Sprint("p", i%1500)
			if i%7 == 6 {
				_, err := desk.Delete(ctx, "Patient", id)
				return err
			}
			_, err := desk.Update(ctx, pastPatient(t, id, fmt.Sprint("n", i)))
			return err
		}
		must := func(err error) {
			t.Helper()
			if err != nil {
				t.Fatal(err)
			}
		}
		must(desk.Write(ctx, func(c *store.Change) error {
			for i := range 1000 {
				c.Update(pastPatient(t, fmt.Sprint("p", i), "x"))
			}
			return nil
		}))
		var others sync.WaitGroup
		var stop atomic.Bool
		others.Go(func() {
			for i := 900; !stop.Load(); i++ {
				if err := write(i); err != nil {
					t.Error(err)
					return
				}
			}
		})
		for range 10 {
			report, err := s.CheckIndex(ctx, 1, 0, 0)
			if err != nil || len(report.Faults) > 0 || len(report.Damaged) > 0 {
				t.Errorf("%+v %+v %v", report.Faults, report.Damaged, err)
			}
		}
		stop.Store(true)
		others.Wait()
	})
}
