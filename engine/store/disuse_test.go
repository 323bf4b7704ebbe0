package store_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/ficushealth/ficus/engine/db"
	"github.com/ficushealth/ficus/engine/store"
	"github.com/ficushealth/ficus/fault"
)

// measured is an Observation with a quantity in a unit, or one that contains such a one.
func measured(id, unit string, inside bool) string {
	const text = `{"resourceType":"Observation","id":"%s","status":"final","code":{"text":"x"},"valueQuantity":{"value":70,"system":"http://unitsofmeasure.org","code":"%s"}}`
	if !inside {
		return fmt.Sprintf(text, id, unit)
	}
	return fmt.Sprintf(`{"resourceType":"DiagnosticReport","id":"%s","status":"final","code":{"text":"x"},"result":[{"reference":"#i"}],"contained":[%s]}`, id, fmt.Sprintf(text, "i", unit))
}

// listed are the units in the table.
func (x *defining) listed() (codes []string) {
	x.Helper()
	err := x.db.Query(x.Context(), db.Same(`SELECT code FROM ix_unit WHERE tenant = 1`), nil, func(r db.Row) error {
		codes = append(codes, r.Text(0))
		return nil
	})
	if err != nil {
		x.Fatal(err)
	}
	slices.Sort(codes)
	return codes
}

// swept does the daily job until it is done.
func (x *defining) swept() {
	x.Helper()
	for _, k := range x.store.Kinds() {
		if k.Every == 0 {
			continue
		}
		if err := k.Do(x.Context(), nil); err != nil {
			x.Fatal(err)
		}
	}
}

// TestUnusedUnitsAreRemoved: what was deleted is not left behind in a list; what a resource has, or one that is contained, stays.
func TestUnusedUnitsAreRemoved(t *testing.T) {
	onBoth(t, store.Options{}, func(x *defining) {
		for id, unit := range map[string]string{"a": "kg", "b": "g{of Ada Lovelace}", "c": "mg{old}", "d": "kg"} {
			x.put("%s", measured(id, unit, false))
		}
		x.put("%s", measured("e", "ug", true))
		x.put("%s", measured("f", "ng{of Ada Lovelace}", true))
		x.put("%s", measured("c", "mg{new}", false))
		for _, name := range []string{"Observation/b", "DiagnosticReport/f", "Observation/d"} {
			typ, id, _ := cutName(name)
			if _, err := x.desk.Delete(x.Context(), typ, id); err != nil {
				x.Fatal(err)
			}
		}
		x.swept()
		if got, want := x.listed(), []string{"kg", "mg{new}", "ug"}; !slices.Equal(got, want) {
			x.Errorf("%q, want %q", got, want)
		}
		x.sound()
		counts(x.T, x.desk, "Observation", "value-quantity=70000|http://unitsofmeasure.org|g", 1)
		x.put("%s", measured("b", "g{of Ada Lovelace}", false)) // it is listed again, by who remembers that it was
		counts(x.T, x.desk, "Observation", "value-quantity=0.07|http://unitsofmeasure.org|kg", 1)
		x.sound()
	})
}

func cutName(name string) (typ, id string, ok bool) {
	for i := range name {
		if name[i] == '/' {
			return name[:i], name[i+1:], true
		}
	}
	return "", "", false
}

// TestUnusedUnitsAreRemovedAmongWriters removes units while two processes write just these again.
func TestUnusedUnitsAreRemovedAmongWriters(t *testing.T) {
	onBoth(t, store.Options{}, func(x *defining) {
		var stop atomic.Bool
		var wait sync.WaitGroup
		for w := range 3 {
			desk := x.desk
			if w == 2 && x.db.Dialect() == db.Postgres { // on SQLite one process writes
				desk = x.again().desk
			}
			wait.Go(func() { x.unsteady(desk, uint64(w), &stop) })
		}
		removed := 0
		for began := time.Now(); time.Since(began) < 3*time.Second || removed < 5 && time.Since(began) < time.Minute; {
			before := x.listed()
			x.swept()
			after := x.listed()
			removed += len(slices.DeleteFunc(before, func(code string) bool { return slices.Contains(after, code) }))
		}
		stop.Store(true)
		wait.Wait()
		if x.sound(); removed < 5 {
			x.Errorf("%d units were removed", removed)
		}
	})
}

// unsteady puts few resources with ever other units, and deletes them.
func (x *defining) unsteady(desk *store.Desk, seed uint64, stop *atomic.Bool) {
	random := rand.New(rand.NewPCG(seed, 7))
	for !stop.Load() {
		id, unit, inside := fmt.Sprint("o", seed, "-", random.IntN(3)), fmt.Sprintf("g{%d}", random.IntN(12)), random.IntN(3) == 0
		var err error
		if random.IntN(4) == 0 {
			_, err = desk.Delete(context.Background(), "Observation", id)
		} else {
			_, err = desk.Update(context.Background(), fhirOf(x.T, measured(id, unit, inside)))
		}
		if err != nil && !fault.Is(err, fault.Unknown) {
			x.Error(err)
			return
		}
	}
}

// TestARepairBesideTheSweepListsUnits: a row that is mended after the sweep has looked, and before it removes what it has not seen, has
// a unit that is listed already, under an edition that is over.
func TestARepairBesideTheSweepListsUnits(t *testing.T) {
	onBoth(t, store.Options{}, func(x *defining) {
		x.put("%s", measured("a", "kg", false))
		x.put("%s", measured("b", "mg", false))
		exec(x.T, x.db, `DELETE FROM ix_number`)
		remove, err := x.store.UnusedUnits(x.Context(), 1)
		if err != nil {
			x.Fatal(err)
		}
		report, err := x.store.RepairIndex(x.Context(), 1, func(int64, int64, *store.IndexFault) {})
		if err != nil || report.Missing == 0 {
			x.Fatal(report, err)
		}
		if _, err := remove(); err != nil {
			x.Fatal(err)
		}
		if got := x.listed(); !slices.Equal(got, []string{"kg", "mg"}) {
			x.Error(got)
		}
		x.found("Observation", "value-quantity=70000|http://unitsofmeasure.org|g", "a")
		x.sound()
	})
}
